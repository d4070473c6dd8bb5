builtins.appendContext "x" { "/nix/store/abc" = { path = true; }; }
