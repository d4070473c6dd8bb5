{
  services.nginx = {
    enable = true;
    virtualHosts."example.org" = {
      root = ./site;
      locations."/more/".alias = ./site;
      onlySSL = true;
      sslCertificate = ./site/index.html;
      # A secret stays where it is: everybody may read the store.
      sslCertificateKey = ./site/key.pem;
    };
  };
}
