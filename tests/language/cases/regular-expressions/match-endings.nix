map (builtins.match "(.*)\\.nix") [ "a.nix" "b.txt" ".nix" ]
