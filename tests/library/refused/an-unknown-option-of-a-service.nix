{ systemd.services.a.serviceconfig.ExecStart = "/bin/a"; }
