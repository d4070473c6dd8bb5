builtins.toJSON [ { outPath = "/x"; a = 1; } { __toString = s: "str"; } ]
