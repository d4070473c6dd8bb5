import (builtins.toFile "a.nix" "throw \"inside\"")
