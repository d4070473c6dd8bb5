import (builtins.toFile "a.nix" "")
