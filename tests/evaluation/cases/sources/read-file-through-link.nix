builtins.readFile ./files/link
