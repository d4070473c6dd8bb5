let x = "outer"; in { a = { b = 1; }; a = rec { x = "inner"; y = x; }; }
