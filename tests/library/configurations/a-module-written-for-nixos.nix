{ config, lib, pkgs, utils, ... }:
with lib;
let
  cfg = config.services.kv;
in
{
  meta.maintainers = with lib.maintainers; [ ];
  meta.doc = ./kv.md;

  imports = [
    (mkRemovedOptionModule [ "services" "kv" "user" ] "It runs as kv.")
    (mkRenamedOptionModule [ "services" "kv" "p" ] [ "services" "kv" "port" ])
    { services.kv = { enable = true; port = 77; openFirewall = true; settings.x = [ 1 ]; }; }
  ];

  options.services.kv = {
    enable = mkEnableOption "the key-value store";
    package = mkPackageOption pkgs "redis" { };
    port = mkOption { type = types.port; default = 1; };
    openFirewall = mkEnableOption "the port in the firewall";
    settings = mkOption { default = { }; type = types.submodule { freeformType = (pkgs.formats.json { }).type; }; };
  };

  config = mkIf cfg.enable {
    boot.kernel.sysctl = mkMerge [ { "vm.nr_hugepages" = "0"; } (mkIf false { "vm.overcommit_memory" = 1; }) ];
    networking.firewall = mkIf cfg.openFirewall { allowedTCPPorts = [ cfg.port ]; };
    users.users.kv = { isSystemUser = true; group = "kv"; home = "/var/lib/kv"; createHome = true; };
    users.groups.kv = { };
    security.pam.services.kv = { };
    environment.systemPackages = [ cfg.package ];
    services.kv.settings.port = mkDefault cfg.port;
    systemd.services.kv = {
      wantedBy = [ "multi-user.target" ];
      path = [ pkgs.curl ];
      preStart = "install -m 600 ${(pkgs.formats.json { }).generate "kv.json" cfg.settings} /run/kv/kv.json";
      serviceConfig = {
        Type = "notify";
        RuntimeDirectory = "kv";
        ExecStart = "${cfg.package}/bin/redis-server ${utils.escapeSystemdExecArgs [ "/run/kv dir" "%i" "$x" ]}";
      };
    };
  };
}
