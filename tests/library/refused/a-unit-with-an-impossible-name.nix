{ systemd.services."my service".serviceConfig.ExecStart = "/bin/a"; }
