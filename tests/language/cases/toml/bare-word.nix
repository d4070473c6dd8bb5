builtins.fromTOML "a = yes"
