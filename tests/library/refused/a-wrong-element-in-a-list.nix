{ systemd.services.a.wantedBy = [ "multi-user.target" 3 ]; }
