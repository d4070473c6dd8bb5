import (builtins.toFile "a.nix" "{ a = 1 }")
