{ type = "derivation"; drvPath = "/nix/store/x.drv"; name = "n"; }
