/** Names of hosts: /etc/hosts. */
{ config, lib, ... }:

let
  inherit (lib) mkOption types;
  cfg = config.networking;

  # It has no default: whoever does not set it shall be told only when it is needed.
  named = builtins.tryEval cfg.hostName;

  lines = lib.concatStrings (
    lib.mapAttrsToList (
      host: names: lib.optionalString (names != [ ]) "${host} ${lib.concatStringsSep " " names}\n"
    ) cfg.hosts
  );
in
{
  options.networking = {
    hosts = mkOption {
      type = types.attrsOf (types.listOf types.singleLineStr);
      default = { };
      example."192.0.2.1" = [ "printer.example.org" "printer" ];
      description = "Names by address. With any of them, the whole of /etc/hosts is made from the configuration; the old one comes back when they go away.";
    };
    extraHosts = mkOption {
      type = types.lines;
      default = "";
      description = "More lines of hosts(5).";
    };
  };

  config = lib.mkIf (lines != "" || cfg.extraHosts != "") {
    assertions = [
      {
        assertion = named.success && named.value != "";
        message = "networking.hosts and networking.extraHosts make /etc/hosts, in which the machine has to find itself: set networking.hostName to its name.";
      }
    ]
    ++ map (name: {
      assertion = lib.match "[0-9]+([.][0-9]+){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*(%[A-Za-z0-9_.-]+)?" name != null;
      message = "networking.hosts.\"${name}\": this is not an address. Names are the values, and addresses the attributes.";
    }) (lib.attrNames cfg.hosts);
    environment.etc.hosts = {
      replaceExisting = true;
      mode = "0644";
      text = ''
        127.0.0.1 localhost
        ::1 localhost ip6-localhost ip6-loopback
        127.0.1.1 ${lib.optionalString (cfg.domain != null) "${cfg.hostName}.${cfg.domain} "}${cfg.hostName}
        ${lines}${cfg.extraHosts}
      '';
    };
  };
}
