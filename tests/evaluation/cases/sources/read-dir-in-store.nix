builtins.readDir "${./files/tree}"
