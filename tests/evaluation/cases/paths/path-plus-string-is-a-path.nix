builtins.typeOf (../files + "/plain.txt")
