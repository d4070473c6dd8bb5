builtins.fromTOML "[a]\nb = 1\n[a.c]\nd = 2\n[[e]]\nf = 3\n[[e]]\nf = 4"
