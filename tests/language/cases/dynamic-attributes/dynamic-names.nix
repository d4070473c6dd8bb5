let n = "x"; in { ${n} = 1; "${n}y" = 2; ${n + "z"} = 3; a.${n}.b = 4; "lit" = 5; ${"stat"} = 6; }
