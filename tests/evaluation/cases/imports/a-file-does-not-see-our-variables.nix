let a = 1; in import (builtins.toFile "a.nix" "a")
