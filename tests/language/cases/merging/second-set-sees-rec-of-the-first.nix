let b = "outer"; in { a = rec { b = "inner"; }; a = { c = b; }; }
