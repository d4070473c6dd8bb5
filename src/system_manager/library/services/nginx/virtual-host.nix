/** Options of one virtual host and its locations. */
{
  lib,
  cfg,
  maybeString,
  lines,
}:

let
  inherit (lib) mkOption types;

  flag = description: mkOption {
    type = types.bool;
    default = false;
    inherit description;
  };

  basicAuth = {
    basicAuth = mkOption {
      type = types.attrsOf types.str;
      default = { };
      example.user = "password";
      description = "Users and passwords that are asked for. They end up in the store, which everybody can read.";
    };
    basicAuthFile = mkOption {
      type = types.nullOr types.path;
      default = null;
      description = "File with users and passwords, in the format of htpasswd.";
    };
  };

  location.options = basicAuth // {
    root = mkOption {
      type = types.nullOr types.path;
      default = null;
      description = "Directory of the files.";
    };
    alias = mkOption {
      type = types.nullOr types.path;
      default = null;
      description = "Directory that stands for the location's path.";
    };
    index = maybeString "Files that answer a request for a directory.";
    tryFiles = maybeString "Files that are tried in turn.";
    return = mkOption {
      type = types.nullOr (types.either types.str types.int);
      default = null;
      example = "301 https://example.org$request_uri";
      description = "Status, and text or address, of a fixed answer.";
    };
    proxyPass = maybeString "Address that requests are passed to.";
    proxyWebsockets = flag "Whether the connection may become a web socket.";
    uwsgiPass = maybeString "Address of a uwsgi server.";
    fastcgiParams = mkOption {
      type = types.attrsOf (types.either types.str types.path);
      default = { };
      description = "Parameters for a FastCGI server.";
    };
    recommendedProxySettings = mkOption {
      type = types.bool;
      default = cfg.recommendedProxySettings;
      defaultText = lib.literalExpression "config.services.nginx.recommendedProxySettings";
      description = "Whether the usual headers about the client are sent.";
    };
    recommendedUwsgiSettings = mkOption {
      type = types.bool;
      default = cfg.recommendedUwsgiSettings;
      defaultText = lib.literalExpression "config.services.nginx.recommendedUwsgiSettings";
      description = "Whether the usual uwsgi parameters are sent.";
    };
    priority = mkOption {
      type = types.int;
      default = 1000;
      description = "Place among the locations, which matters for regular expressions. Smaller ones come first.";
    };
    extraConfig = lines "Further lines of the location.";
  };
in
{
  options = basicAuth // {
    serverName = maybeString "Name of the host; the attribute name if it is null.";
    serverAliases = mkOption {
      type = types.listOf types.str;
      default = [ ];
      description = "Further names of the host.";
    };
    listen = mkOption {
      type = types.listOf (types.submodule (import ./listen.nix { inherit lib; }));
      default = [ ];
      description = "Where the host listens, in place of listenAddresses and the default ports.";
    };
    listenAddresses = mkOption {
      type = types.listOf types.str;
      default = [ ];
      description = "Addresses on which the host listens, on the default ports.";
    };
    default = flag "Whether the host answers requests for names that no host has.";
    addSSL = flag "Whether HTTPS is served beside HTTP.";
    forceSSL = flag "Whether HTTP requests are sent on to HTTPS.";
    onlySSL = flag "Whether only HTTPS is served.";
    rejectSSL = flag "Whether TLS connections are refused for this name.";
    sslCertificate = mkOption {
      type = types.nullOr types.path;
      default = null;
      example = "/etc/ssl/certs/host.pem";
      description = "Certificate, with those that it depends on.";
    };
    sslCertificateKey = mkOption {
      type = types.nullOr (types.either types.str types.path);
      default = null;
      example = "/etc/ssl/private/host.pem";
      description = "Private key. A file outside of the store, which everybody can read.";
    };
    sslTrustedCertificate = mkOption {
      type = types.nullOr types.path;
      default = null;
      description = "Certificates for OCSP answers.";
    };
    enableACME = flag "Whether a certificate is fetched. Not available.";
    useACMEHost = maybeString "Whose fetched certificate is used. Not available.";
    http2 = mkOption {
      type = types.bool;
      default = true;
      description = "Whether HTTP/2 is spoken, over TLS.";
    };
    reuseport = flag "Whether every worker has a socket of its own.";
    root = mkOption {
      type = types.nullOr types.path;
      default = null;
      example = "/var/www";
      description = "Directory of the files.";
    };
    globalRedirect = maybeString "Host that all requests are sent on to.";
    redirectCode = mkOption {
      type = types.ints.between 300 399;
      default = 301;
      description = "Status of redirections by globalRedirect and forceSSL.";
    };
    extraConfig = lines "Further lines of the server block.";
    locations = mkOption {
      type = types.attrsOf (types.submodule location);
      default = { };
      example."/api/".proxyPass = "http://127.0.0.1:8000";
      description = "What belongs to a path of the host.";
    };
  };
}
