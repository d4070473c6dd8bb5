{ pkgs, ... }:
{
  environment.systemPackages = [ pkgs.ripgrep pkgs.fd pkgs.tree pkgs.redis ];
  environment.etc."uses-a-package".text = "${pkgs.curl}/bin/curl\n";
}
