builtins.stringLength /a == 2
