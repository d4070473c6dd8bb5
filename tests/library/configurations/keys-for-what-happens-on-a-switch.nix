{
  systemd.services = {
    kept = { restartIfChanged = false; stopIfChanged = false; notSocketActivated = true; serviceConfig.ExecStart = "/bin/a"; };
    reloaded = { reloadIfChanged = true; restartIfChanged = false; serviceConfig.ExecStart = "/bin/a"; };
    triggered = { restartTriggers = [ "a" [ "b" 3 ] ]; reloadTriggers = [ "c" ]; serviceConfig.ExecStart = "/bin/a"; };
    forever = { unitConfig.X-StopOnRemoval = false; serviceConfig.ExecStart = "/bin/a"; };
  };
}
