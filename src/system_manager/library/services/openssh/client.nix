/** The ssh client of everybody: ssh_config(5) and known hosts, beside the distribution's own configuration. */
{
  config,
  lib,
  pkgs,
  ...
}:

let
  inherit (lib) mkOption types;
  cfg = config.programs.ssh;

  host =
    { name, config, ... }:
    {
      options = {
        hostNames = mkOption {
          type = types.listOf types.str;
          default = [ name ] ++ config.extraHostNames;
          defaultText = "the attribute name, and extraHostNames";
          description = "Names, addresses and patterns of the host.";
        };
        extraHostNames = mkOption {
          type = types.listOf types.str;
          default = [ ];
          description = "More names beside the attribute name.";
        };
        certAuthority = mkOption {
          type = types.bool;
          default = false;
          description = "Whether the key signs those of hosts.";
        };
        publicKey = mkOption {
          type = types.nullOr types.singleLineStr;
          default = null;
          description = "The key.";
        };
        publicKeyFile = mkOption {
          type = types.nullOr types.path;
          default = null;
          description = "A file with keys, read when the configuration is evaluated.";
        };
      };
    };

  hosts = lib.mapAttrsToList (name: entry: entry // { inherit name; }) cfg.knownHosts;

  keysOf =
    entry:
    if entry.publicKey != null then
      [ entry.publicKey ]
    else
      lib.filter (line: line != "" && !lib.hasPrefix "#" line) (lib.splitString "\n" (builtins.readFile entry.publicKeyFile));

  lines =
    entry:
    lib.concatMapStrings (
      key: "${lib.optionalString entry.certAuthority "@cert-authority "}${lib.concatStringsSep "," entry.hostNames} ${key}\n"
    ) (keysOf entry);

  algorithms =
    keyword:
    mkOption {
      type = types.nullOr (types.listOf types.str);
      default = null;
      description = "${keyword} of ssh_config(5); null leaves it to the distribution.";
    };
  listed = {
    ciphers = "Ciphers";
    hostKeyAlgorithms = "HostKeyAlgorithms";
    kexAlgorithms = "KexAlgorithms";
    macs = "MACs";
    pubkeyAcceptedKeyTypes = "PubkeyAcceptedAlgorithms";
  };
  settings =
    lib.concatStrings (
      lib.mapAttrsToList (
        name: keyword: lib.optionalString (cfg.${name} != null) "${keyword} ${lib.concatStringsSep "," cfg.${name}}\n"
      ) listed
    )
    + lib.optionalString (cfg.forwardX11 != null) "ForwardX11 ${if cfg.forwardX11 then "yes" else "no"}\n"
    + lib.optionalString (
      cfg.knownHostsFiles != [ ]
    ) "GlobalKnownHostsFile /etc/ssh/ssh_known_hosts ${toString cfg.knownHostsFiles}\n";
in
{
  options.programs.ssh = {
    knownHosts = mkOption {
      type = types.attrsOf (types.submodule host);
      default = { };
      example."example.org".publicKey = "ssh-ed25519 AAAA…";
      description = "Keys of hosts, in /etc/ssh/ssh_known_hosts.";
    };
    knownHostsFiles = mkOption {
      type = types.listOf types.path;
      default = [ ];
      description = "More files with keys of hosts.";
    };
    forwardX11 = mkOption {
      type = types.nullOr types.bool;
      default = null;
      description = "Whether programs on the other side may show windows here.";
    };
    extraConfig = mkOption {
      type = types.lines;
      default = "";
      description = "Lines of ssh_config(5), before all others and so stronger than they are.";
    };
  }
  // lib.mapAttrs (_: algorithms) listed;

  config = {
    assertions = map (entry: {
      assertion = (entry.publicKey == null) != (entry.publicKeyFile == null);
      message = "programs.ssh.knownHosts.\"${entry.name}\" needs either publicKey or publicKeyFile.";
    }) hosts;

    environment.etc = {
      "ssh/ssh_known_hosts" = lib.mkIf (hosts != [ ]) {
        text = lib.concatMapStrings lines hosts;
        replaceExisting = true;
      };
      "ssh/ssh_config.d/00-system-manager.conf" = lib.mkIf (cfg.extraConfig != "" || settings != "") {
        text = ''
          # Made by System Manager from the configuration; changes here are lost.
          ${cfg.extraConfig}
          Host *
          ${settings}'';
      };
    };
  };
}
