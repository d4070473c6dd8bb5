builtins.convertHash { hash = "00"; hashAlgo = "sha3"; toHashFormat = "sri"; }
