builtins.path { path = builtins.toFile "a" "b"; name = "c"; }
