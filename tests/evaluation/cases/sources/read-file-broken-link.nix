builtins.readFile ./files/broken
