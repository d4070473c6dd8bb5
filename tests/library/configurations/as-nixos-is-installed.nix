{ config, lib, pkgs, ... }:
{
  imports = [ ./installed/hardware-configuration.nix ];
  boot.loader.systemd-boot.enable = true;
  boot.loader.efi.canTouchEfiVariables = true;
  networking.hostName = "nixos";
  networking.networkmanager.enable = true;
  time.timeZone = "Europe/Amsterdam";
  i18n.defaultLocale = "C.UTF-8";
  i18n.extraLocaleSettings = { LC_TIME = "C.UTF-8"; };
  console = { font = "Lat2-Terminus16"; keyMap = "us"; };
  users.users.alice = {
    isNormalUser = true;
    description = "Alice";
    extraGroups = [ "networkmanager" "wheel" ];
    packages = with pkgs; [ ];
    openssh.authorizedKeys.keys = [ "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA alice" ];
  };
  nixpkgs.config.allowUnfree = true;
  nix.settings.experimental-features = [ "nix-command" "flakes" ];
  nix.gc = { automatic = true; dates = "weekly"; options = "--delete-older-than 30d"; };
  environment.systemPackages = with pkgs; [ ];
  environment.shells = [ pkgs.bash ];
  programs.mtr.enable = false;
  services.openssh.enable = false;
  networking.firewall.allowedTCPPorts = [ 22 80 443 ];
  networking.firewall.enable = true;
  security.rtkit.enable = true;
  sound.enable = true;
  services.printing.enable = false;
  hardware.pulseaudio.enable = false;
  virtualisation.docker.enable = false;
  services.xserver.enable = false;
  system.copySystemConfiguration = true;
  system.stateVersion = "24.05";
}
