builtins.elemAt null 0
