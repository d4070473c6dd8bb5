builtins.fromTOML "a = { b = 1,\n c = 2 }"
