{
  # Units and settings for them that are put into place as files, as on a machine where nothing else is possible.
  environment.etc = {
    "systemd/system/whole.service".text = "[Service]\nExecStart=/bin/true\n";
    "systemd/system/multi-user.target.wants/whole.service".source = "/etc/systemd/system/whole.service";
    "systemd/system/ssh.service.d/50-ours.conf".text = "[Service]\nNice=1\n";
    "systemd/system/ssh.service.d/README".text = "not read by systemd\n";
    "systemd/system/ours.service.d/zz.conf" = { text = "[Service]\nNice=2\n"; mode = "0600"; };
    "systemd/system/service.d/all.conf".text = "[Service]\nOOMScoreAdjust=1\n";
    "systemd/system/off.service".source = "/dev/null";
    "systemd/system/elsewhere.service".source = "/opt/elsewhere.service";
    "systemd/user/pipewire.service.d/50-ours.conf".text = "[Service]\nNice=1\n";
    "systemd/journald.conf.d/ours.conf".text = "[Journal]\nStorage=none\n";
  };
  systemd.services.ours = {
    serviceConfig.ExecStart = "/bin/true";
    wantedBy = [ "multi-user.target" ];
  };
}
