{ systemd.mounts = [ { what = "/dev/sdb1"; where = "srv/data"; } ]; }
