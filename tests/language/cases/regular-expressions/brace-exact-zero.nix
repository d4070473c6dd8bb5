[ (builtins.match "a{0}b" "b") (builtins.match "(a){0}b" "b") ]
