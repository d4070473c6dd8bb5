{ systemd.tmpfiles.rules = [ "nonsense" ]; }
