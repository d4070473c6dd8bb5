{
  services.nginx = {
    enable = true;
    enableReload = true;
    validateConfigFile = false;
    recommendedProxySettings = true;
    recommendedGzipSettings = true;
    statusPage = true;
    serverTokens = true;
    clientMaxBodySize = "1g";
    resolver = { addresses = [ "127.0.0.53" ]; ipv6 = false; valid = "10s"; };
    upstreams.app = { servers = { "127.0.0.1:8000" = { weight = 2; }; "unix:/run/app".backup = true; }; extraConfig = "keepalive 8;"; };
    appendHttpConfig = "log_format x 'a';";
    commonHttpConfig = "access_log off;";
    eventsConfig = "worker_connections 1024;";
    appendConfig = "worker_processes auto;";
    streamConfig = "server { listen 53; proxy_pass 127.0.0.1:54; }";
    virtualHosts."app" = {
      listen = [ { addr = "0.0.0.0"; port = 8080; } { addr = "unix:/run/nginx.sock"; extraParameters = [ "backlog=10" ]; proxyProtocol = true; } ];
      basicAuth.user = "secret";
      locations."/" = { proxyPass = "http://app"; proxyWebsockets = true; };
      locations."/plain" = { proxyPass = "http://app"; recommendedProxySettings = false; };
      locations."/u".uwsgiPass = "unix:/run/u";
      locations."/f".fastcgiParams.SCRIPT = "a\"b";
    };
    virtualHosts."old".globalRedirect = "app";
  };
}
