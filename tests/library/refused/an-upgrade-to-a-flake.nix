{ system.autoUpgrade = { enable = true; flake = "github:owner/name"; }; }
