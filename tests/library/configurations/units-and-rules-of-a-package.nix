let
  package = { type = "derivation"; name = "package"; outPath = toString ../package-with-units; };
in
{
  systemd.packages = [ package ];
  systemd.services.changed.serviceConfig.Nice = 3;
  systemd.services.masked.enable = false;
  systemd.tmpfiles.packages = [ package ];
}
