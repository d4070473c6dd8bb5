builtins.match "[[:letters:]]" "a"
