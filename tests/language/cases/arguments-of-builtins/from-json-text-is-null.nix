builtins.fromJSON null
