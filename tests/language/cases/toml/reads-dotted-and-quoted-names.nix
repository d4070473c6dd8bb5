builtins.fromTOML "a.\"b c\".'d.e' = 1\n1.2 = 3"
