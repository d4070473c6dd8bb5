let n = "x"; "${n}y" = 1; in n
