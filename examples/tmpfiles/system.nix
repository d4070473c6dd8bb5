# Files and directories outside of /etc, as tmpfiles.d(5) describes them.
{
  systemd.tmpfiles.rules = [
    "d /var/lib/app 0750 root adm -"
    "f /var/lib/app/first-run 0640 root adm - Written once.\\n"
  ];

  # The same with every field by name; quoting is taken care of.
  systemd.tmpfiles.settings."10-app" = {
    "/var/cache/app".d = {
      mode = "0755";
      user = "root";
      age = "10d";
    };
    "/var/lib/app/current"."L+".argument = "/var/lib/app/releases/my first";
  };
}
