{ environment.etc.x = { source = ./a-mode-that-is-none.nix; recursive = true; }; }
