{ systemd.services.a.serviceConfig.ExecStart = "/bin/a"; environment.etc."systemd/system/a.service".text = "x"; }
