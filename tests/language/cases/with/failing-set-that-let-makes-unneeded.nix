with (throw "never"); let a = 1; in a
