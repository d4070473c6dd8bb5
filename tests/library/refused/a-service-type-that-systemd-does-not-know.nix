{ systemd.services.a.serviceConfig = { Type = "onshot"; ExecStart = "/bin/a"; }; }
