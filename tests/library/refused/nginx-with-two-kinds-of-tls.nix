{ services.nginx = { enable = true; virtualHosts.a = { forceSSL = true; onlySSL = true; sslCertificate = "/a"; sslCertificateKey = "/b"; }; }; }
