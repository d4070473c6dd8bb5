{
  systemd.services.backup = { startAt = [ "02:00" "14:00" ]; serviceConfig = { Type = "oneshot"; ExecStart = "/bin/backup"; }; };
  systemd.timers.backup.timerConfig.Persistent = true;
}
