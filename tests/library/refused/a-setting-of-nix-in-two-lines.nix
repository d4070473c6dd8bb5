{ nix = { enable = true; settings.cores = "1\n2"; }; }
