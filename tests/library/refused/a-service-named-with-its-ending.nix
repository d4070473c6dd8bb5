{ systemd.services."greet.service".script = "true"; }
