{
  systemd.services.cron = { enable = false; wantedBy = [ "multi-user.target" ]; serviceConfig.ExecStart = "/bin/a"; };
  systemd.maskedUnits = [ "apt-daily.timer" "apt-daily.service" ];
}
