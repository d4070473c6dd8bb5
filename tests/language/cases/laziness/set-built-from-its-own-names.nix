let s = { ${builtins.head (builtins.attrNames s)} = 1; }; in s
