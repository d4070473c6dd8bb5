{
  services.openssh = {
    enable = true;
    package = null;
    ports = [ 22 2222 ];
    listenAddresses = [ { addr = "::1"; port = 22; } { addr = "10.0.0.1"; } ];
    banner = "Members only\n";
    hostKeys = [ "/etc/ssh/ssh_host_ed25519_key" { path = "/etc/ssh/ssh_host_rsa_key"; type = "rsa"; bits = 4096; } ];
    authorizedKeysFiles = [ "/srv/keys/%u" ];
    settings = {
      PasswordAuthentication = false;
      PermitRootLogin = "prohibit-password";
      AllowUsers = [ "alice" "bob" ];
      Ciphers = [ "aes256-gcm@openssh.com" "aes128-gcm@openssh.com" ];
      MaxAuthTries = 3;
      UseDns = null;
    };
    extraConfig = "Match User bob\n  ForceCommand /bin/true";
  };
  users.users.bob = {
    isNormalUser = true;
    openssh.authorizedPrincipals = [ "bob@example.org" "administrators" ];
  };
  programs.ssh = {
    extraConfig = "Host short\n  HostName a-long-name.example.org";
    macs = [ "hmac-sha2-512-etm@openssh.com" ];
    forwardX11 = false;
    knownHosts = {
      "one.example.org" = { extraHostNames = [ "10.0.0.1" ]; publicKey = "ssh-ed25519 AAAA one"; };
      authority = { hostNames = [ "*.example.org" ]; certAuthority = true; publicKeyFile = ./keys/authority.pub; };
    };
  };
}
