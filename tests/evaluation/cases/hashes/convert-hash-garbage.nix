builtins.convertHash { hash = "md5-!!"; toHashFormat = "sri"; }
