builtins.elem 1 null
