let n = "k"; a.${n} = 1; in a
