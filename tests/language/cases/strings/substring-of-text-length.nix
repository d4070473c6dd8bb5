builtins.substring 0 "a" "a"
