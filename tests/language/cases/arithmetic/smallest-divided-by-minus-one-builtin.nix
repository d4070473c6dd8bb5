let smallest = -9223372036854775807 - 1; in builtins.div smallest (-1)
