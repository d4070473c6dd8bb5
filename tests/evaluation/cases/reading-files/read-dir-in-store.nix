builtins.readDir "${../files/tree}"
