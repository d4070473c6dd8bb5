{
  systemd = {
    sockets.s = { wantedBy = [ "sockets.target" ]; listenStreams = [ "127.0.0.1:80" 443 ]; listenDatagrams = [ "/run/x" ]; socketConfig.Accept = true; };
    sockets.bare.socketConfig.ListenFIFO = "/run/f";
    timers.t = { wantedBy = [ "timers.target" ]; timerConfig = { OnCalendar = [ "daily" "Mon 12:00" ]; Persistent = true; }; };
    paths.p = { wantedBy = [ "multi-user.target" ]; pathConfig.PathExists = "/run/flag"; };
    slices.big.sliceConfig.MemoryMax = "1G";
    targets.own = { description = "Own"; wants = [ "a.service" ]; wantedBy = [ "multi-user.target" ]; };
    mounts = [ { what = "tmpfs"; where = "/mnt/with-dash and space"; type = "tmpfs"; options = [ "noatime" "size=1M" ]; wantedBy = [ "local-fs.target" ]; } ];
    automounts = [ { where = "/mnt/auto"; automountConfig.TimeoutIdleSec = 10; } ];
    units."raw.service" = { text = "[Service]\nExecStart=/bin/true\n"; wantedBy = [ "multi-user.target" ]; };
  };
}
