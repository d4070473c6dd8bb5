let x = if true then y else z; y = 1; z = throw "z"; in x
