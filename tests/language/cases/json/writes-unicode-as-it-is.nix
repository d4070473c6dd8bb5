builtins.toJSON "ä日😀\\\"/"
