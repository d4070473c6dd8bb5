(args@{ a, ... }: builtins.attrNames args) { a = 1; b = throw "not needed"; }
