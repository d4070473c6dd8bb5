builtins.addErrorContext "while reading the settings" (throw "no such setting")
