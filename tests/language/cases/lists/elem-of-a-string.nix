builtins.elem "a" "abc"
