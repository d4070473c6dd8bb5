{
  systemd.services."worker@" = {
    description = "Worker %i";
    documentation = [ "https://example.org/" "man:worker(8)" ];
    requires = [ "a.service" ];
    after = [ "a.service" "b.service" ];
    onFailure = [ "alarm@%n.service" ];
    environment = { PLAIN = "text"; QUOTED = "a \"b\" \\ $c %d"; LINES = "one\ntwo"; NOTHING = null; };
    script = "exec worker";
    scriptArgs = "--name %i";
    preStart = "true";
    postStart = "true";
    reload = "true";
    preStop = "true";
    postStop = "true";
    startLimitBurst = 3;
    startLimitIntervalSec = 30;
    unitConfig.ConditionPathExists = [ "/a" "/b" ];
    serviceConfig = { ExecStartPre = "/bin/first"; Restart = "always"; RestartSec = 1; PrivateTmp = true; ReadOnlyPaths = [ "" "/etc" ]; Nothing = null; Nested = [ [ 1 2 ] 3 ]; };
  };
}
