builtins.zipAttrsWith (n: v: v) null
