{
  systemd.user.services.agent = { wantedBy = [ "default.target" ]; serviceConfig.ExecStart = "/bin/agent"; };
  systemd.user.services.tidy = { startAt = "daily"; serviceConfig.ExecStart = "/bin/tidy"; };
}
