[ (builtins.parseDrvName "nix-0.12pre12876") (builtins.parseDrvName "hello") (builtins.parseDrvName "a-b-1.2-rc1") (builtins.splitVersion "1.2.3pre4") (builtins.splitVersion "") ]
