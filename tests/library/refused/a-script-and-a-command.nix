{ systemd.services.a = { script = "true"; serviceConfig.ExecStart = "/bin/a"; }; }
