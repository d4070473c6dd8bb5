{ services.nginx = { enable = true; virtualHosts.a.locations."/" = { root = "/a"; alias = "/b"; }; }; }
