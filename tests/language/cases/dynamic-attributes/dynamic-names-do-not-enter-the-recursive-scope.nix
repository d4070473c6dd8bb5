let b = "outer"; in rec { ${"a" + ""} = 1; c = b; ${"b" + ""} = "inner"; }
