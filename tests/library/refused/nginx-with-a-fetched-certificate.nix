{ services.nginx = { enable = true; virtualHosts.a = { enableACME = true; addSSL = true; sslCertificate = "/a"; sslCertificateKey = "/b"; }; }; }
