{
  imports = [ { _file = "one.nix"; services.nginx.user = "www"; } { _file = "two.nix"; services.nginx.user = "web"; } ];
  services.nginx.enable = true;
}
