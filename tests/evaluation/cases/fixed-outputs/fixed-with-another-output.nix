derivation { name = "a"; builder = "b"; system = "s"; outputs = [ "dev" ]; outputHash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="; } + ""
