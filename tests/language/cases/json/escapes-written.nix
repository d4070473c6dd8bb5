builtins.toJSON "a${"$"}{b}\t\u0001"
