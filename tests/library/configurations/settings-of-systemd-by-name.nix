{
  services.journald = { storage = "persistent"; rateLimitBurst = 5; extraConfig = "SystemMaxUse=1G"; };
  services.logind = { lidSwitchDocked = "ignore"; killUserProcesses = true; settings.Login.HandleLidSwitch = "ignore"; };
  services.resolved = { enable = true; fallbackDns = [ "192.0.2.1" "192.0.2.2" ]; domains = [ ]; dnssec = null; };
  services.timesyncd = { enable = false; servers = [ "ntp.example.org" "ntp2.example.org" ]; };
  systemd.coredump.settings.Coredump.Storage = "none";
  systemd.network.networks."10-uplink".matchConfig.Name = "eth0";
  systemd.sleep.settings.Sleep.AllowSuspend = false;
  systemd.user.settings.Manager.DefaultTimeoutStopSec = "20s";
  systemd.watchdog.runtimeTime = "30s";
  users.motd = "Welcome.";
  system.nixos.tags = [ "web" ];
  lib.ours.greet = name: "Hello, ${name}";
}
