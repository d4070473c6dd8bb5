let f = b: (derivation { name = "a"; system = "s"; builder = b; outputHash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="; }).outPath; in f "x" == f "y"
