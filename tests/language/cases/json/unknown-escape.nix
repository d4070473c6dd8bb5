builtins.fromJSON "\"\\x41\""
