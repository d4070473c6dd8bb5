{ services.nginx = { enable = true; defaultHTTPListenPort = 70000; }; }
