builtins.readFile ../files/link
