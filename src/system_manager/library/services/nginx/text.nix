/** The text of nginx.conf. */
{
  lib,
  pkgs,
  cfg,
  onDistribution,
}:

let
  inherit (lib)
    concatMap
    optional
    optionals
    ;

  # Blocks are lists of lines, indented by what they stand in. Text of the user's is taken apart into lines unless a
  # quoted word goes over several of them, which must not be changed.
  own = map (line: if line == "" then line else "  " + line);
  evenly = quote: line: lib.mod (builtins.length (lib.splitString quote line)) 2 == 1;
  text =
    value:
    let
      lines = lib.splitString "\n" (lib.removeSuffix "\n" value);
    in
    if value == "" then
      [ ]
    else if lib.all (line: evenly "\"" line && evenly "'" line) lines then
      lines
    else
      [ (lib.removeSuffix "\n" value) ];

  block = head: lines: [ "${head} {" ] ++ lines ++ [ "}" ];
  onOff = flag: if flag then "on" else "off";
  # Paths written as such in a configuration are served from the store, where the server may read them ...
  published = value: if builtins.isPath value then "${value}" else toString value;
  setting = name: value: optional (value != null && value != "") "${name} ${published value};";
  # ... but for secrets, since everybody may.
  secret = name: value: setting name (if value == null then null else toString value);

  # Debian's versions may begin with an epoch, "1:1.26.0-2".
  version = lib.last (lib.match "([0-9]+:)?(.*)" (lib.getVersion cfg.package));
  hasHttp2Directive = lib.versionAtLeast version "1.25.1";

  usesSSL = host: host.addSSL || host.forceSSL || host.onlySSL;

  nameOf = name: host: if host.serverName == null then name else host.serverName;

  # Where the host listens: what it says, else what is said for all, else every address on the usual ports.
  listensOf =
    host:
    let
      addresses = if host.listenAddresses != [ ] then host.listenAddresses else cfg.defaultListenAddresses;
      at = port: ssl: addr: {
        inherit addr port ssl;
        proxyProtocol = false;
        extraParameters = [ ];
      };
      general =
        if cfg.defaultListen != [ ] && host.listenAddresses == [ ] then
          lib.filter (listen: if listen.ssl then usesSSL host || host.rejectSSL else !host.onlySSL) cfg.defaultListen
        else
          optionals (usesSSL host || host.rejectSSL) (map (at cfg.defaultSSLListenPort true) addresses)
          ++ optionals (!host.onlySSL) (map (at cfg.defaultHTTPListenPort false) addresses);
    in
    if host.listen != [ ] then host.listen else general;

  listenLine =
    host: listen:
    let
      port = lib.optionalString (listen.port != null) ":${toString listen.port}";
      words = [
        "${listen.addr}${port}"
      ]
      ++ optional listen.ssl "ssl"
      ++ optional (listen.ssl && host.http2 && !hasHttp2Directive) "http2"
      ++ optional host.default "default_server"
      ++ optional host.reuseport "reuseport"
      ++ optional listen.proxyProtocol "proxy_protocol"
      ++ listen.extraParameters;
    in
    "listen ${lib.concatStringsSep " " words};";

  serverNames = name: host: "server_name ${lib.concatStringsSep " " ([ (nameOf name host) ] ++ host.serverAliases)};";

  # The file is readable to everybody, as everything in the store.
  passwordFile =
    name: entry:
    if entry.basicAuthFile != null then
      entry.basicAuthFile
    else
      pkgs.writeText "${lib.strings.sanitizeDerivationName name}.htpasswd" (
        lib.concatLines (lib.mapAttrsToList (user: password: "${user}:{PLAIN}${password}") entry.basicAuth)
      );
  authentication =
    name: entry:
    optionals (entry.basicAuthFile != null || entry.basicAuth != { }) [
      "auth_basic secured;"
      "auth_basic_user_file ${passwordFile name entry};"
    ];

  proxyHeaders = [
    "proxy_set_header Host $host;"
    "proxy_set_header X-Real-IP $remote_addr;"
    "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;"
    "proxy_set_header X-Forwarded-Proto $scheme;"
    "proxy_set_header X-Forwarded-Host $host;"
    "proxy_set_header X-Forwarded-Server $hostname;"
  ];
  uwsgiParameters = [
    "uwsgi_param HTTP_HOST $host;"
    "uwsgi_param REMOTE_ADDR $remote_addr;"
    "uwsgi_param HTTP_X_FORWARDED_FOR $proxy_add_x_forwarded_for;"
    "uwsgi_param HTTP_X_FORWARDED_PROTO $scheme;"
  ];

  quoted = value: "\"${lib.replaceStrings [ "\\" "\"" ] [ "\\\\" "\\\"" ] (published value)}\"";

  location =
    path: entry:
    block "location ${path}" (
      own (
        setting "root" entry.root
        ++ setting "alias" entry.alias
        ++ setting "index" entry.index
        ++ setting "try_files" entry.tryFiles
        ++ setting "return" entry.return
        ++ authentication path entry
        ++ setting "proxy_pass" entry.proxyPass
        ++ optionals entry.proxyWebsockets [
          "proxy_http_version 1.1;"
          "proxy_set_header Upgrade $http_upgrade;"
          "proxy_set_header Connection $connection_upgrade;"
        ]
        ++ optionals (entry.proxyPass != null && entry.recommendedProxySettings) proxyHeaders
        ++ optionals (entry.uwsgiPass != null) (
          [
            "uwsgi_pass ${entry.uwsgiPass};"
            "include ${if onDistribution then "/etc/nginx" else "${cfg.package}/conf"}/uwsgi_params;"
          ]
          ++ optionals entry.recommendedUwsgiSettings uwsgiParameters
        )
        ++ lib.mapAttrsToList (name: value: "fastcgi_param ${name} ${quoted value};") entry.fastcgiParams
      )
      ++ own (text entry.extraConfig)
    );

  locations =
    host:
    concatMap (pair: location pair.name pair.value) (
      lib.sortOn (pair: pair.value.priority) (lib.attrsToList host.locations)
    );

  tls =
    host:
    setting "ssl_certificate" host.sslCertificate
    ++ secret "ssl_certificate_key" host.sslCertificateKey
    ++ setting "ssl_trusted_certificate" host.sslTrustedCertificate;

  server =
    name: host:
    let
      all = listensOf host;
      plain = lib.filter (listen: !listen.ssl) all;
      served = if host.forceSSL then lib.filter (listen: listen.ssl) all else all;
      redirect = block "server" (
        own (
          map (listenLine host) plain
          ++ [ (serverNames name host) ]
          ++ block "location /" (own [ "return ${toString host.redirectCode} https://$host$request_uri;" ])
        )
      );
    in
    optionals (host.forceSSL && plain != [ ]) redirect
    ++ block "server" (
      own (
        map (listenLine host) served
        ++ optional (usesSSL host && hasHttp2Directive) "http2 ${onOff host.http2};"
        ++ [ (serverNames name host) ]
        ++ optionals (usesSSL host) (tls host)
        ++ optional host.rejectSSL "ssl_reject_handshake on;"
        ++ setting "root" host.root
        ++ authentication name host
        ++ optionals (host.globalRedirect != null) (
          block "location /" (own [ "return ${toString host.redirectCode} $scheme://${host.globalRedirect}$request_uri;" ])
        )
      )
      ++ own (locations host)
      ++ own (text host.extraConfig)
    );

  upstreamServer =
    address: parameters:
    let
      words = lib.mapAttrsToList (name: value: if value == true then name else "${name}=${toString value}") (
        lib.filterAttrs (_: value: value != false && value != "") parameters
      );
    in
    "server ${lib.concatStringsSep " " ([ address ] ++ words)};";
  upstream =
    name: entry: block "upstream ${name}" (own (lib.mapAttrsToList upstreamServer entry.servers ++ text entry.extraConfig));

  statusPage = block "server" (
    own (
      map (address: "listen ${address}:${toString cfg.defaultHTTPListenPort};") (
        [ "127.0.0.1" ] ++ optional cfg.resolver.ipv6 "[::1]"
      )
      ++ [ "server_name localhost;" ]
      ++ block "location = /nginx_status" (
        own (
          [
            "stub_status on;"
            "access_log off;"
            "allow 127.0.0.1;"
          ]
          ++ optional cfg.resolver.ipv6 "allow ::1;"
          ++ [ "deny all;" ]
        )
      )
    )
  );

  compressed = [
    "application/atom+xml"
    "application/geo+json"
    "application/javascript"
    "application/json"
    "application/ld+json"
    "application/manifest+json"
    "application/rdf+xml"
    "application/vnd.ms-fontobject"
    "application/wasm"
    "application/x-rss+xml"
    "application/x-web-app-manifest+json"
    "application/xhtml+xml"
    "application/xliff+xml"
    "application/xml"
    "font/collection"
    "font/otf"
    "font/ttf"
    "image/bmp"
    "image/svg+xml"
    "image/vnd.microsoft.icon"
    "text/cache-manifest"
    "text/calendar"
    "text/css"
    "text/csv"
    "text/javascript"
    "text/markdown"
    "text/plain"
    "text/vcard"
    "text/vnd.rim.location.xloc"
    "text/vtt"
    "text/x-component"
    "text/xml"
  ];

  recommended =
    optionals cfg.recommendedOptimisation [
      "sendfile on;"
      "tcp_nopush on;"
      "tcp_nodelay on;"
      "keepalive_timeout 65;"
    ]
    ++ setting "ssl_protocols" cfg.sslProtocols
    ++ setting "ssl_ciphers" cfg.sslCiphers
    ++ setting "ssl_dhparam" cfg.sslDhparam
    ++ optionals cfg.recommendedTlsSettings [
      "ssl_session_timeout 1d;"
      "ssl_session_cache shared:SSL:10m;"
      "ssl_session_tickets off;"
      "ssl_prefer_server_ciphers off;"
    ]
    ++ optionals cfg.recommendedBrotliSettings [
      "brotli on;"
      "brotli_static on;"
      "brotli_comp_level 5;"
      "brotli_min_length 256;"
      "brotli_types ${lib.concatStringsSep " " compressed};"
    ]
    ++ optionals cfg.recommendedGzipSettings [
      "gzip on;"
      "gzip_static on;"
      "gzip_vary on;"
      "gzip_comp_level 5;"
      "gzip_min_length 256;"
      "gzip_proxied expired no-cache no-store private auth;"
      "gzip_types ${lib.concatStringsSep " " compressed};"
    ]
    ++ optionals cfg.recommendedProxySettings [
      "proxy_redirect off;"
      "proxy_connect_timeout ${cfg.proxyTimeout};"
      "proxy_send_timeout ${cfg.proxyTimeout};"
      "proxy_read_timeout ${cfg.proxyTimeout};"
      "proxy_http_version 1.1;"
      "proxy_set_header Connection \"\";"
    ]
    ++ optionals cfg.recommendedUwsgiSettings [
      "uwsgi_connect_timeout ${cfg.uwsgiTimeout};"
      "uwsgi_send_timeout ${cfg.uwsgiTimeout};"
      "uwsgi_read_timeout ${cfg.uwsgiTimeout};"
    ];

  resolver = optional (cfg.resolver.addresses != [ ]) "resolver ${
    lib.concatStringsSep " " (
      cfg.resolver.addresses
      ++ optional (cfg.resolver.valid != "") "valid=${cfg.resolver.valid}"
      ++ optional (!cfg.resolver.ipv4) "ipv4=off"
      ++ optional (!cfg.resolver.ipv6) "ipv6=off"
    )
  };";

  mimeTypes = own [
    "include ${cfg.defaultMimeTypes};"
    "default_type application/octet-stream;"
    "types_hash_max_size ${toString cfg.typesHashMaxSize};"
  ];

  http = block "http" (
    mimeTypes
    ++ own (
      setting "map_hash_bucket_size" cfg.mapHashBucketSize
      ++ setting "map_hash_max_size" cfg.mapHashMaxSize
      ++ setting "server_names_hash_bucket_size" cfg.serverNamesHashBucketSize
      ++ setting "server_names_hash_max_size" cfg.serverNamesHashMaxSize
      ++ resolver
    )
    ++ own (text cfg.commonHttpConfig)
    ++ own (lib.concatLists (lib.mapAttrsToList upstream cfg.upstreams))
    ++ own recommended
    ++ own (
      block "map $http_upgrade $connection_upgrade" (
        own [
          "default upgrade;"
          "'' close;"
        ]
      )
      ++ [
        "client_max_body_size ${cfg.clientMaxBodySize};"
        "server_tokens ${onOff cfg.serverTokens};"
      ]
    )
    ++ own (lib.concatLists (lib.mapAttrsToList server cfg.virtualHosts))
    ++ own (optionals cfg.statusPage statusPage)
    ++ own (text cfg.appendHttpConfig)
  );

  givenHttp = block "http" (mimeTypes ++ own (text cfg.commonHttpConfig) ++ own (text cfg.httpConfig));

  main = [
    "user ${cfg.user} ${cfg.group};"
    "error_log ${cfg.logError};"
  ]
  ++ optional (!onDistribution) "pid /run/nginx/nginx.pid;"
  # Modules that packages of the distribution add to the server.
  ++ optional onDistribution "include /etc/nginx/modules-enabled/*.conf;"
  ++ block "events" (own (text cfg.eventsConfig))
  ++ (if cfg.httpConfig == "" then http else givenHttp)
  ++ optionals (cfg.streamConfig != "") (block "stream" (own (text cfg.streamConfig)))
  ++ text cfg.appendConfig;
in
if cfg.config != "" then cfg.config else lib.concatLines main
