{
  systemd.services.ssh = { overrideStrategy = "asDropin"; serviceConfig.ExecStart = [ "" "/usr/sbin/sshd -D" ]; };
  systemd.services."getty@tty1" = { overrideStrategy = "asDropin"; wantedBy = [ "multi-user.target" ]; serviceConfig.Nice = 1; };
}
