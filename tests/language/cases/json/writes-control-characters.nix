builtins.toJSON "\t\n\r${builtins.fromJSON "\"\\u0001\\u001f\\u007f\""}"
