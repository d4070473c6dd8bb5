builtins.fromJSON "[,1]"
