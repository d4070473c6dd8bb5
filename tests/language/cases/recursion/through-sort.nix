let l = builtins.sort builtins.lessThan l; in l
