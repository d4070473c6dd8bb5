/**
  nginx, the web server.

  The program is the distribution's, with the configuration kept in the store. Our unit stands in for the one
  that the package brings, and does what that does: the master process runs as root and binds the ports before
  the unit counts as started, workers run as the distribution's account for web servers.
*/
{
  config,
  lib,
  pkgs,
  ...
}:

let
  cfg = config.services.nginx;

  onDistribution = cfg.package ? distributionPackage;

  inherit (cfg) configFile;

  # With enableReload the path stays the same, so that the unit does not change with the configuration.
  etcName = "nginx/system-manager.conf";
  usedFile = if cfg.enableReload then "/etc/${etcName}" else configFile;

  # The distribution's own pid file, which its log rotation reads.
  pidFile = if onDistribution then "/run/nginx.pid" else "/run/nginx/nginx.pid";

  nginx = "${cfg.package}/bin/nginx -c ${usedFile}";

  hosts = lib.attrValues cfg.virtualHosts;
  usesSSL = host: host.addSSL || host.forceSSL || host.onlySSL;
  certificates = lib.unique (
    lib.concatMap (host: [
      host.sslCertificate
      host.sslCertificateKey
    ]) (lib.filter usesSSL hosts)
  );
in
{
  imports = [ ./options.nix ];

  config = lib.mkIf cfg.enable {
    assertions =
      lib.mapAttrsToList (name: host: {
        assertion = lib.count (choice: choice) [
          host.addSSL
          host.forceSSL
          host.onlySSL
        ] <= 1;
        message = "services.nginx.virtualHosts.\"${name}\": only one of addSSL, forceSSL and onlySSL can be set.";
      }) cfg.virtualHosts
      ++ lib.mapAttrsToList (name: host: {
        assertion = !(usesSSL host) || (host.sslCertificate != null && host.sslCertificateKey != null);
        message = "services.nginx.virtualHosts.\"${name}\" uses TLS, so it needs sslCertificate and sslCertificateKey.";
      }) cfg.virtualHosts
      ++ lib.mapAttrsToList (name: host: {
        assertion = !(host.enableACME || host.useACMEHost != null);
        message = "services.nginx.virtualHosts.\"${name}\": certificates are not fetched here (enableACME, useACMEHost); name the files with sslCertificate and sslCertificateKey.";
      }) cfg.virtualHosts
      ++ lib.mapAttrsToList (name: host: {
        assertion = lib.all (location: location.root == null || location.alias == null) (lib.attrValues host.locations);
        message = "services.nginx.virtualHosts.\"${name}\": a location has either root or alias, not both.";
      }) cfg.virtualHosts;

    services.nginx.configFile = pkgs.writeText "nginx.conf" (
      import ./text.nix {
        inherit
          cfg
          lib
          pkgs
          onDistribution
          ;
      }
    );

    environment.etc = lib.mkIf cfg.enableReload { ${etcName}.source = configFile; };

    # The package has to be on the machine even if nothing but the unit names it.
    environment.systemPackages = lib.optional onDistribution cfg.package;

    # Before the first activation the package is not there, and certificates may be placed by the very same
    # activation; then the unit's own test decides.
    system-manager.preActivationChecks.nginx = lib.mkIf cfg.validateConfigFile {
      script = ''
        nginx=$(readlink -f ${cfg.package}/bin/nginx 2>/dev/null) && test -x "$nginx" || exit 0
        ${lib.concatMapStrings (file: "test -r ${lib.escapeShellArg file} || exit 0\n") certificates}
        directory=$(mktemp -d) || exit 1
        trap 'rm -rf "$directory"' EXIT
        "$nginx" -t -q -c ${configFile} ${lib.optionalString onDistribution "-g \"pid $directory/nginx.pid;\""}
      '';
    };

    systemd.services.nginx = {
      description = "Nginx Web Server";
      documentation = [ "man:nginx(8)" ];
      wantedBy = [ "multi-user.target" ];
      wants = [ "network-online.target" ];
      after = [
        "network-online.target"
        "remote-fs.target"
        "nss-lookup.target"
      ];
      stopIfChanged = false;
      reloadTriggers = lib.optional cfg.enableReload configFile;
      startLimitIntervalSec = 60;
      inherit (cfg) preStart;
      serviceConfig = {
        Type = "forking";
        PIDFile = pidFile;
        ExecStartPre = lib.mkAfter [ "${nginx} -t -q" ];
        ExecStart = nginx;
        ExecReload = [
          "${nginx} -t -q"
          "/bin/kill -HUP $MAINPID"
        ];
        KillMode = "mixed";
        KillSignal = "SIGQUIT";
        TimeoutStopSec = 5;
        Restart = "on-failure";
        RestartSec = "10s";
        NoNewPrivileges = true;
        LockPersonality = true;
      }
      // lib.optionalAttrs (!onDistribution) {
        RuntimeDirectory = "nginx";
        RuntimeDirectoryMode = "0750";
        CacheDirectory = "nginx";
        LogsDirectory = "nginx";
      };
    };
  };
}
