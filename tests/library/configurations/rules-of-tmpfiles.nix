{
  systemd.tmpfiles.rules = [ "d /var/lib/a 0755 root root -" "L /etc/x - - - - ../y" ];
  systemd.tmpfiles.settings."10-b" = {
    "/var/lib/it's".d = { mode = "0700"; user = "root"; age = "10d"; };
    "/var/lib/link"."L+".argument = "/target with space\\and\tmore";
    "/a" = { z.argument = "1"; b.argument = "2"; };
  };
}
