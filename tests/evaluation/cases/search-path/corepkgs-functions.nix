builtins.attrNames (builtins.functionArgs (import <nix/fetchurl.nix>))
