builtins.convertHash { hash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="; hashAlgo = "md5"; toHashFormat = "sri"; }
