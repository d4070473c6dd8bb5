"""What the tests stand on: root file systems, a real Nix, machines with a real systemd."""
