let a = undefined; in 1
