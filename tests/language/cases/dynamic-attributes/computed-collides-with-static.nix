let a = "x"; in { x = 1; ${a} = 2; }
