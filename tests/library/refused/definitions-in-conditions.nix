{ lib, ... }:
lib.mkMerge [
  { services.nginx.group = "www"; }
  (lib.mkIf true {
    services.nginx = lib.mkIf true {
      enable = true;
      group = "web";
    };
  })
]
