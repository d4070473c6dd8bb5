{
  services.nginx = {
    enable = true;
    recommendedTlsSettings = true;
    virtualHosts = {
      forced = { forceSSL = true; sslCertificate = "/etc/ssl/a.pem"; sslCertificateKey = "/etc/ssl/a.key"; sslTrustedCertificate = "/etc/ssl/ca.pem"; };
      added = { addSSL = true; sslCertificate = "/etc/ssl/a.pem"; sslCertificateKey = "/etc/ssl/a.key"; http2 = false; listenAddresses = [ "192.0.2.1" ]; };
      only = { onlySSL = true; sslCertificate = "/etc/ssl/a.pem"; sslCertificateKey = "/etc/ssl/a.key"; };
      rejected.rejectSSL = true;
    };
  };
}
