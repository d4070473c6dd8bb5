{ systemd.units."a.service".wantedBy = [ "multi-user.target" ]; }
