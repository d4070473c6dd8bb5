{ systemd.services."a b".script = "true"; }
