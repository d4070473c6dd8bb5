{ config, pkgs, lib, ... }:
{
  boot.loader.grub = { enable = true; devices = [ "/dev/sda" ]; };
  boot.kernelPackages = pkgs.linuxPackages_latest;
  boot.initrd = lib.mkIf false { systemd.enable = true; };
  boot.plymouth = lib.mkIf true { enable = lib.mkDefault true; };
  fileSystems."/" = { device = "/dev/sda1"; fsType = "ext4"; };
  hardware.enableAllFirmware = true;
  hardware.cpu.intel.updateMicrocode = lib.mkDefault config.hardware.enableRedistributableFirmware;
  networking.hostName = "box";
  networking.firewall.allowedTCPPorts = [ 80 ];
  time.hardwareClockInLocalTime = true;
  environment.shells = [ "/bin/bash" pkgs.bash ];
  services.xserver = { enable = true; xkb.layout = "de"; };
  sound.enable = true;
  virtualisation.docker.enable = true;
  swapDevices = [ { device = "/dev/sdb"; } ];
  system.activationScripts.x = "true";
  security.sudo.wheelNeedsPassword = false;
  nix.settings.cores = 2;
  system.stateVersion = "25.05";
  users.users.app = { isSystemUser = true; group = "app"; };
  users.groups.app = { };
}
