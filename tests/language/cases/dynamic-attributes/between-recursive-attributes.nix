rec { b = 2; ${"c"} = d; d = a; a = 1; }
