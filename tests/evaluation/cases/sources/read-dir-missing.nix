builtins.readDir ./files/nothing
