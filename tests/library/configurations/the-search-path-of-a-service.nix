{ pkgs, ... }:
{
  systemd.services = {
    none.serviceConfig.ExecStart = "/bin/a";
    some = { path = [ pkgs.curl "/opt/tools" ]; serviceConfig.ExecStart = "/bin/a"; };
    only = { path = [ pkgs.curl ]; enableDefaultPath = false; serviceConfig.ExecStart = "${pkgs.ripgrep}/bin/rg"; };
  };
}
