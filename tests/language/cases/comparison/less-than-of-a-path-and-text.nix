builtins.lessThan /a "a"
