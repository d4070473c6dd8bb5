{
  systemd.globalEnvironment = { ALL = "yes"; GONE = "yes"; OTHER = "1"; };
  systemd.services.a = { environment = { GONE = null; OTHER = "2"; }; serviceConfig.ExecStart = "/bin/a"; };
}
