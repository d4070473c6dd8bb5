builtins.fromJSON "  \n "
