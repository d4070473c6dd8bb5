let b = "outer"; in { a = { b = "inner"; }; a = rec { c = b; }; }
