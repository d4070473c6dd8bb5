{ services.nginx.enable = "yes"; }
