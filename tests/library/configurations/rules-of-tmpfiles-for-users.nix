{
  systemd.user.tmpfiles.rules = [ "d %h/work 0700 - - -" "D %C/app - - - 7d" ];
  systemd.user.tmpfiles.users.alice.rules = [ "d %h/alice 0700 - - -" ];
  systemd.user.tmpfiles.users.bob.rules = [ ];
}
