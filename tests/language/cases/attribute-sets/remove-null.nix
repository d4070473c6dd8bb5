builtins.removeAttrs { a = 1; } [ null ]
