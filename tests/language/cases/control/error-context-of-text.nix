builtins.addErrorContext "c" (throw "a")
