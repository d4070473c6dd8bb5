builtins.addErrorContext "a" { b = 1; }
