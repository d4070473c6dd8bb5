{ services.nginx.enable = true }
