let x = [x]; in builtins.length x
