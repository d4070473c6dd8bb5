# The configuration of this machine. 'system-manager plan' shows what it would change, 'system-manager switch' does it.
{ pkgs, ... }:
{
  # Programs that are there for everybody.
  environment.systemPackages = [
    # pkgs.ripgrep
  ];

  # Files under /etc.
  environment.etc."motd.d/system-manager".text = ''
    This machine is managed by System Manager.
  '';

  # Services are units of systemd, or modules such as services.nginx.
  # systemd.services.hello = {
  #   description = "Say hello";
  #   wantedBy = [ "multi-user.target" ];
  #   serviceConfig.Type = "oneshot";
  #   script = "echo hello";
  # };
}
