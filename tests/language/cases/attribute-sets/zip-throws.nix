builtins.zipAttrsWith (n: vs: throw n) [ { a = 1; } ]
