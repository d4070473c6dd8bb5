{ systemd.tmpfiles.rules = [ "d /srv/x 0999 root root -" ]; }
