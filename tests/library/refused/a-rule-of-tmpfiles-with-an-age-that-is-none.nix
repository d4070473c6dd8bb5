{ systemd.tmpfiles.settings."10-x"."/srv/x".d.age = "ten days"; }
