builtins.split "*" "a"
