derivation "a"
