/**
  The ssh server: sshd_config(5).

  Server, unit and configuration are the distribution's. What is said here is read before its own settings, and sshd
  takes the first value of each; so nobody loses what an administrator or a package has put there.
*/
{
  config,
  lib,
  pkgs,
  ...
}:

let
  inherit (lib) mkOption types;
  cfg = config.services.openssh;

  etcName = "ssh/sshd_config.d/00-system-manager.conf";
  configuration = config.environment.etc.${etcName}.source;

  isApt = (pkgs.distribution.packageManager or "apt-get") == "apt-get";

  # Lists that sshd wants in one word; the words of all others are apart.
  inOneWord = [
    "Ciphers"
    "HostKeyAlgorithms"
    "KexAlgorithms"
    "Macs"
    "PubkeyAcceptedAlgorithms"
  ];
  word = value: if lib.isBool value then (if value then "yes" else "no") else toString value;
  line =
    name: value:
    let
      text = if lib.isList value then lib.concatMapStringsSep (if lib.elem name inOneWord then "," else " ") word value else word value;
    in
    if lib.hasInfix "\n" text then
      throw "services.openssh.settings.${name}: a value of sshd_config has to be one line"
    else
      "${name} ${text}\n";

  bracketed = address: if lib.hasInfix ":" address && !lib.hasPrefix "[" address then "[${address}]" else address;
  listen =
    entry: "ListenAddress ${if entry.port == null then entry.addr else "${bracketed entry.addr}:${toString entry.port}"}\n";

  hasPrincipals = lib.any (user: user.openssh.authorizedPrincipals != [ ]) (lib.attrValues config.users.users);

  nullable =
    type: description:
    mkOption {
      type = types.nullOr type;
      default = null;
      inherit description;
    };
in
{
  imports = [
    ./client.nix
    (lib.mkAliasOptionModule [ "services" "sshd" "enable" ] [ "services" "openssh" "enable" ])
    (lib.mkAliasOptionModule [ "services" "openssh" "knownHosts" ] [ "programs" "ssh" "knownHosts" ])
  ];

  options.services.openssh = {
    enable = mkOption {
      type = types.bool;
      default = false;
      description = "Whether the distribution's ssh server runs, with the settings given here.";
    };
    package = mkOption {
      type = types.nullOr types.package;
      default = if pkgs ? distribution then pkgs.openssh-server or pkgs.openssh else null;
      defaultText = "the distribution's package with the server";
      description = "Package of the distribution to install. null expects the server to be there.";
    };
    serviceName = mkOption {
      type = types.str;
      default = if pkgs ? distribution && isApt then "ssh" else "sshd";
      defaultText = "ssh on Debian and its relatives, sshd elsewhere";
      description = "The distribution's unit, without `.service`.";
    };
    ports = mkOption {
      type = types.listOf types.port;
      default = [ ];
      example = [ 22 2222 ];
      description = "Ports to listen on; by default what the distribution says.";
    };
    listenAddresses = mkOption {
      type = types.listOf (
        types.submodule {
          options = {
            addr = mkOption {
              type = types.str;
              description = "Host name or address.";
            };
            port = nullable types.port "Its port.";
          };
        }
      );
      default = [ ];
      description = "Addresses to listen on; by default all.";
    };
    openFirewall = mkOption {
      type = types.bool;
      default = false;
      description = "The firewall is left to the distribution.";
    };
    banner = nullable types.lines "What is shown before a login.";
    hostKeys = mkOption {
      type = types.listOf (types.either types.path (types.attrsOf types.anything));
      default = [ ];
      apply = map (key: if lib.isAttrs key then key.path else key);
      example = [ "/etc/ssh/ssh_host_ed25519_key" ];
      description = "Private keys of the server, by default all that the distribution has made. None is made here.";
    };
    authorizedKeysFiles = mkOption {
      type = types.listOf types.str;
      default = [ ];
      description = "More files with keys that may log in, as AuthorizedKeysFile has them.";
    };
    authorizedKeysInHomedir = mkOption {
      type = types.bool;
      default = true;
      description = "Whether ~/.ssh/authorized_keys is read, beside the keys of `users.users.<name>.openssh`.";
    };
    authorizedKeysCommand = nullable types.str "A program that prints keys, with its arguments.";
    authorizedKeysCommandUser = mkOption {
      type = types.str;
      default = "nobody";
      description = "Who runs authorizedKeysCommand.";
    };
    settings = mkOption {
      type = types.attrsOf (
        types.nullOr (
          types.oneOf [
            types.bool
            types.int
            types.str
            types.path
            (types.listOf types.str)
          ]
        )
      );
      default = { };
      example = {
        PasswordAuthentication = false;
        PermitRootLogin = "no";
      };
      description = "Settings of sshd_config(5); null leaves one to the distribution.";
    };
    extraConfig = mkOption {
      type = types.lines;
      default = "";
      description = "Lines at the end, where `Match` has its place.";
    };
  };

  config = lib.mkIf cfg.enable {
    services.openssh.authorizedKeysFiles =
      lib.optional cfg.authorizedKeysInHomedir "%h/.ssh/authorized_keys" ++ [ "/etc/ssh/authorized_keys.d/%u" ];

    services.openssh.settings = {
      AuthorizedKeysFile = cfg.authorizedKeysFiles;
      AuthorizedKeysCommand = lib.mkIf (cfg.authorizedKeysCommand != null) cfg.authorizedKeysCommand;
      AuthorizedPrincipalsFile = lib.mkIf hasPrincipals (lib.mkDefault "/etc/ssh/authorized_principals.d/%u");
      AuthorizedKeysCommandUser = lib.mkIf (cfg.authorizedKeysCommand != null) cfg.authorizedKeysCommandUser;
      Banner = lib.mkIf (cfg.banner != null) "${pkgs.writeText "ssh-banner" cfg.banner}";
    };

    environment.etc.${etcName}.text = ''
      # Made by System Manager from the configuration; changes here are lost.
      ${lib.concatMapStrings (port: "Port ${toString port}\n") cfg.ports}${lib.concatMapStrings listen cfg.listenAddresses}${lib.concatMapStrings (key: "HostKey ${key}\n") cfg.hostKeys}${lib.concatStrings (lib.mapAttrsToList line (lib.filterAttrs (_: value: value != null) cfg.settings))}
      ${cfg.extraConfig}'';

    environment.systemPackages = lib.optional (cfg.package != null) cfg.package;

    # Connections that are open go on, whatever happens to the server.
    systemd.services.${cfg.serviceName} = {
      overrideStrategy = "asDropin";
      wantedBy = [ "multi-user.target" ];
      reloadTriggers = [ configuration ];
      enableDefaultPath = false;
      stopIfChanged = false;
    };

    # Whoever is far away could not log in any more. Where the server is not installed yet, its unit decides.
    system-manager.preActivationChecks.sshd.script = ''
      theirs=/etc/ssh/sshd_config
      test -r "$theirs" || exit 0
      grep --quiet --ignore-case --extended-regexp '^[[:space:]]*Include[[:space:]].*sshd_config\.d/' "$theirs" || {
        echo "services.openssh needs the line 'Include /etc/ssh/sshd_config.d/*.conf' in $theirs" >&2
        exit 1
      }
      sshd=$(PATH=$PATH:/usr/local/sbin:/usr/sbin command -v sshd) && ls /etc/ssh/ssh_host_*_key > /dev/null 2>&1 || exit 0
      # Debian's server wants it even for a check, and removes it when it stops.
      test -e /run/sshd || { mkdir -m 0755 /run/sshd; trap 'rmdir /run/sshd' EXIT; }
      "$sshd" -t -f ${configuration}
    '';
  };
}
