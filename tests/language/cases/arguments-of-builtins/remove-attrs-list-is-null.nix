builtins.removeAttrs { } null
