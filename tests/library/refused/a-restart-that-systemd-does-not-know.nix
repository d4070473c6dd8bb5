{ systemd.services.a.serviceConfig = { Restart = "yes"; ExecStart = "/bin/a"; }; }
