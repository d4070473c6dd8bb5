let a = derivation { name = "a"; builder = "/bin/sh"; system = "x86_64-linux"; };
in (derivation { name = "user"; builder = "/bin/sh"; system = "x86_64-linux"; src = derivation { name = "fixed"; builder = "${a}/bin/x"; system = "x86_64-linux"; outputHash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="; }; }).drvPath
