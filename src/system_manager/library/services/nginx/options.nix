/** Options of services.nginx, as NixOS names them. */
{
  config,
  lib,
  pkgs,
  ...
}:

let
  inherit (lib) mkEnableOption mkOption types;
  cfg = config.services.nginx;

  onDistribution = cfg.package ? distributionPackage;

  lines = description: mkOption {
    type = types.lines;
    default = "";
    inherit description;
  };
  maybeString = description: mkOption {
    type = types.nullOr types.str;
    default = null;
    inherit description;
  };

  upstream.options = {
    servers = mkOption {
      type = types.attrsOf (
        types.submodule {
          freeformType = types.attrsOf (
            types.oneOf [
              types.bool
              types.int
              types.str
            ]
          );
          options.backup = mkOption {
            type = types.bool;
            default = false;
            description = "Whether the server is used only when all others fail.";
          };
        }
      );
      default = { };
      example."127.0.0.1:8000" = { };
      description = "Addresses and their parameters.";
    };
    extraConfig = lines "Further lines of the upstream block.";
  };
in
{
  options.services.nginx = {
    enable = mkEnableOption "Nginx Web Server";
    package = lib.mkPackageOption pkgs "nginx" { };
    statusPage = mkEnableOption "the status page on 127.0.0.1/nginx_status";

    recommendedTlsSettings = mkEnableOption "recommended TLS settings";
    recommendedOptimisation = mkEnableOption "recommended optimisation settings";
    recommendedGzipSettings = mkEnableOption "recommended gzip settings";
    recommendedBrotliSettings = mkEnableOption "recommended brotli settings; the server needs its brotli module";
    recommendedProxySettings = mkOption {
      type = types.bool;
      default = false;
      description = "Whether every proxied location sends the usual headers about the client.";
    };
    recommendedUwsgiSettings = mkOption {
      type = types.bool;
      default = false;
      description = "Whether every uwsgi location sends the usual parameters about the client.";
    };
    proxyTimeout = mkOption {
      type = types.str;
      default = "60s";
      example = "20s";
      description = "Timeouts of recommendedProxySettings.";
    };
    uwsgiTimeout = mkOption {
      type = types.str;
      default = "60s";
      description = "Timeouts of recommendedUwsgiSettings.";
    };

    defaultListen = mkOption {
      type = types.listOf (types.submodule (import ./listen.nix { inherit lib; }));
      default = [ ];
      description = "Where virtual hosts listen that do not say it themselves.";
    };
    defaultListenAddresses = mkOption {
      type = types.listOf types.str;
      default = [ "0.0.0.0" ] ++ lib.optional config.networking.enableIPv6 "[::0]";
      defaultText = lib.literalExpression ''[ "0.0.0.0" ] ++ lib.optional config.networking.enableIPv6 "[::0]"'';
      description = "Addresses on which virtual hosts listen that do not name any.";
    };
    defaultHTTPListenPort = mkOption {
      type = types.port;
      default = 80;
      description = "Port for HTTP.";
    };
    defaultSSLListenPort = mkOption {
      type = types.port;
      default = 443;
      description = "Port for HTTPS.";
    };
    defaultMimeTypes = mkOption {
      type = types.path;
      default = if onDistribution then "/etc/nginx/mime.types" else "${cfg.package}/conf/mime.types";
      defaultText = "that of the package";
      description = "File that maps endings of file names to MIME types.";
    };

    logError = mkOption {
      type = types.str;
      default = "stderr";
      example = "/var/log/nginx/error.log warn";
      description = "Where errors go, and from which level on. `stderr` is the journal.";
    };
    preStart = lines "Shell commands run before the server starts.";
    user = mkOption {
      type = types.str;
      default = if onDistribution then "www-data" else "nginx";
      defaultText = "the distribution's account for web servers";
      description = "Account of the worker processes. It has to exist.";
    };
    group = mkOption {
      type = types.str;
      default = if onDistribution then "www-data" else "nginx";
      defaultText = "the distribution's group for web servers";
      description = "Group of the worker processes. It has to exist.";
    };
    enableReload = mkOption {
      type = types.bool;
      default = false;
      description = "Whether a changed configuration is loaded by the running server, rather than by a new one.";
    };
    validateConfigFile = mkOption {
      type = types.bool;
      default = true;
      description = "Whether `nginx -t` has to accept the configuration before anything on the machine is changed.";
    };

    config = mkOption {
      type = types.str;
      default = "";
      description = "The whole configuration, in place of what the other options make.";
    };
    appendConfig = lines "Lines after everything else.";
    httpConfig = lines "The content of the http block, in place of virtualHosts and the settings around them.";
    commonHttpConfig = lines "Lines of the http block that come before the virtual hosts and are also used with httpConfig.";
    appendHttpConfig = lines "Lines at the end of the http block.";
    eventsConfig = lines "Content of the events block.";
    streamConfig = lines "Content of the stream block.";

    configFile = mkOption {
      type = types.package;
      internal = true;
      readOnly = true;
      description = "The file that the options make.";
    };

    serverTokens = mkOption {
      type = types.bool;
      default = false;
      description = "Whether the version of the server is shown to clients.";
    };
    clientMaxBodySize = mkOption {
      type = types.str;
      default = "10m";
      description = "The largest body of a request.";
    };
    sslCiphers = mkOption {
      type = types.nullOr types.str;
      default = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
      description = "Ciphers of TLS 1.2.";
    };
    sslProtocols = mkOption {
      type = types.str;
      default = "TLSv1.2 TLSv1.3";
      description = "Versions of TLS.";
    };
    sslDhparam = mkOption {
      type = types.nullOr types.path;
      default = null;
      description = "File with parameters for the Diffie-Hellman exchange.";
    };
    typesHashMaxSize = mkOption {
      type = types.ints.positive;
      default = if cfg.recommendedOptimisation then 4096 else 2688;
      defaultText = "4096 with recommendedOptimisation, else 2688";
      description = "Size of the table of MIME types.";
    };
    serverNamesHashBucketSize = mkOption {
      type = types.nullOr types.ints.positive;
      default = null;
      description = "Bucket size of the table of server names.";
    };
    serverNamesHashMaxSize = mkOption {
      type = types.nullOr types.ints.positive;
      default = null;
      description = "Size of the table of server names.";
    };
    mapHashBucketSize = mkOption {
      type = types.nullOr (
        types.enum [
          32
          64
          128
        ]
      );
      default = null;
      description = "Bucket size of the tables of map blocks.";
    };
    mapHashMaxSize = mkOption {
      type = types.nullOr types.ints.positive;
      default = null;
      description = "Size of the tables of map blocks.";
    };
    resolver = {
      addresses = mkOption {
        type = types.listOf types.str;
        default = [ ];
        example = [ "127.0.0.1:53" ];
        description = "Name servers for names in the configuration.";
      };
      valid = mkOption {
        type = types.str;
        default = "";
        example = "30s";
        description = "How long answers are kept.";
      };
      ipv4 = mkOption {
        type = types.bool;
        default = true;
        description = "Whether IPv4 addresses are looked up.";
      };
      ipv6 = mkOption {
        type = types.bool;
        default = config.networking.enableIPv6;
        defaultText = lib.literalExpression "config.networking.enableIPv6";
        description = "Whether IPv6 addresses are looked up.";
      };
    };
    upstreams = mkOption {
      type = types.attrsOf (types.submodule upstream);
      default = { };
      description = "Groups of servers that requests are passed to.";
    };
    virtualHosts = mkOption {
      type = types.attrsOf (types.submodule (import ./virtual-host.nix { inherit lib cfg maybeString lines; }));
      default.localhost = { };
      example = lib.literalExpression ''{ "example.org" = { forceSSL = true; root = "/var/www"; }; }'';
      description = "The sites that are served.";
    };
  };
}
