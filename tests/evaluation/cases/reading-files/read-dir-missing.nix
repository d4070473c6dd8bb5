builtins.readDir ../files/nothing
