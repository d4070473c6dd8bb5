builtins.convertHash { hash = "md5-kAFQmDzST7DWlj99KOF/c"; toHashFormat = "base16"; }
