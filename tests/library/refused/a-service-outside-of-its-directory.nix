{ systemd.services."../a".script = "true"; }
