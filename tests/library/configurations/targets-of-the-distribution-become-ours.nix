{
  systemd.services = {
    a = { wantedBy = [ "multi-user.target" "graphical.target" ]; requiredBy = [ "timers.target" ]; upheldBy = [ "multi-user.target" ]; aliases = [ "other.service" ]; serviceConfig.ExecStart = "/bin/a"; };
    # Ordered after the target that wants it.
    late = { wantedBy = [ "multi-user.target" ]; after = [ "multi-user.target" ]; serviceConfig.ExecStart = "/bin/a"; };
  };
}
