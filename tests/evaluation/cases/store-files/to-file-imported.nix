import (builtins.toFile "x.nix" "{ a = 1; b = [ 2 ]; }")
