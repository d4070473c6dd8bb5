{ systemd.services.a.serviceConfig.ExecStart = "/bin/a"; systemd.maskedUnits = [ "a.service" ]; }
