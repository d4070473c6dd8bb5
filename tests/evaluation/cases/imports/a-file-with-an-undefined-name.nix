import (builtins.toFile "a.nix" "undefined")
