{ systemd.services.a = { wantedBy = [ "multi-user" ]; serviceConfig.ExecStart = "/bin/a"; }; }
