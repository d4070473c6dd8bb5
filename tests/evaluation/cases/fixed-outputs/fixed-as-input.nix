let
  f = url: derivation { name = "fixed"; builder = "builtin:fetchurl"; system = "builtin"; inherit url; outputHash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="; };
  user = url: derivation { name = "user"; builder = "/bin/sh"; system = "x86_64-linux"; src = f url; };
in [ (user "http://a/x").drvPath (user "http://b/x").drvPath ((user "http://a/x").outPath == (user "http://b/x").outPath) ]
