builtins.appendContext "a" null
