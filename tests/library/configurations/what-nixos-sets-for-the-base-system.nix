{ modulesPath, lib, ... }:
{
  imports = [ (modulesPath + "/installer/scan/not-detected.nix") ];
  time.timeZone = "Europe/Vienna";
  i18n.defaultLocale = "de_AT.UTF-8";
  i18n.extraLocaleSettings.LC_TIME = "en_DK.UTF-8";
  i18n.supportedLocales = [ "de_AT.UTF-8/UTF-8" ];
  networking.hostName = "box";
  networking.domain = "example.org";
  networking.hosts."192.0.2.1" = [ "printer.example.org" "printer" ];
  networking.extraHosts = "2001:db8::1 six";
  security.pam.loginLimits = [
    { domain = "@wheel"; type = "soft"; item = "nofile"; value = 4096; }
    { domain = "*"; item = "core"; value = "unlimited"; }
  ];
  boot.blacklistedKernelModules = [ "nouveau" ];
  boot.extraModprobeConfig = "options kvm_intel nested=1";
  boot.tmp.cleanOnBoot = true;
  systemd.settings.Manager.DefaultTimeoutStopSec = "30s";
  systemd.user.extraConfig = "DefaultTimeoutStopSec=20s";
  services.journald.extraConfig = "SystemMaxUse=1G";
  services.timesyncd.servers = [ "ntp.example.org" ];
  fileSystems = {
    "/" = { device = "/dev/sda1"; fsType = "ext4"; };
    "/boot/efi" = { label = "EFI"; };
    "/data" = { label = "data"; fsType = lib.mkDefault "xfs"; options = [ "defaults" ]; };
    "/srv/share" = { device = "nas:/share"; fsType = "nfs"; options = [ "ro" "nofail" "x-systemd.automount" ]; };
    "/mnt/old disk" = { device = "/dev/sdb1"; options = [ "noauto" "ro" ]; };
  };
}
