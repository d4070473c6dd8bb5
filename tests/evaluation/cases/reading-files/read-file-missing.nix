builtins.readFile ../files/nothing
