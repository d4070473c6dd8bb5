{ services.nginx = { enable = true; virtualHosts.a.forceSSL = true; }; }
