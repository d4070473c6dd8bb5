let x = "outer"; in { a = rec { x = "inner"; }; a = { y = x; }; }
