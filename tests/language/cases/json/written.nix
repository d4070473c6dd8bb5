map builtins.toJSON [ null true 1 1.5 "a\n\"\\ä" [ ] [ 1 [ 2 ] ] { } { b = 1; a = [ ]; "ä ö" = null; } { outPath = "/x"; a = 1; } { __toString = s: "str"; outPath = "no"; } ]
