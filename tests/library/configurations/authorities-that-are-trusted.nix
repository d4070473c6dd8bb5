{
  security.pki = {
    certificateFiles = [ ./keys/authority.pem ];
    certificates = [ (builtins.readFile ./keys/authority.pem) ];
    caCertificateBlacklist = [ "Nobody" ];
  };
}
