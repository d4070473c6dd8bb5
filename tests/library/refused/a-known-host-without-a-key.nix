{ programs.ssh.knownHosts."example.org" = { }; }
