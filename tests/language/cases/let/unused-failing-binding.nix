let a = throw "never"; in 1
