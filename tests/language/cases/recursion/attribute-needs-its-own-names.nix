let s = { ${toString (builtins.length (builtins.attrNames s))} = 1; }; in s
