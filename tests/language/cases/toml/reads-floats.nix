builtins.fromTOML "a = 1.5\nb = -1e3\nc = 6.02e23\nd = 1_0.5"
