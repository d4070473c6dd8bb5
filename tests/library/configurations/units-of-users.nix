{
  systemd.user.services.agent = {
    wantedBy = [ "default.target" ];
    aliases = [ "helper.service" ];
    restartTriggers = [ "one" ];
    serviceConfig.ExecStart = "/bin/agent";
  };
  systemd.user.services.tidy = { startAt = "daily"; serviceConfig.ExecStart = "/bin/tidy"; };
  systemd.user.services.not-here.enable = false;
  systemd.user.services."theirs@one" = { overrideStrategy = "asDropin"; serviceConfig.Nice = 3; };
  systemd.user.sockets.agent = { wantedBy = [ "sockets.target" ]; listenStreams = [ "%t/agent" ]; };
  systemd.user.paths.inbox = { upheldBy = [ "default.target" ]; pathConfig.PathExists = "%h/inbox"; };
  systemd.user.slices.work.sliceConfig.CPUWeight = 10;
  systemd.user.targets.work.requiredBy = [ "default.target" ];
}
