{ systemd.services.a.serviceConfig.Environment = { A = "b"; }; }
