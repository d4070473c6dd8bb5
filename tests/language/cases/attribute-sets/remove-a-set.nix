builtins.removeAttrs { } { }
