builtins.seq undefined 1
