let n = "k"; in { a.${n} = 1; b.${n}.c = 2; ${n}.d = 3; }
