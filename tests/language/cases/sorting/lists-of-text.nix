builtins.sort builtins.lessThan [ [ "b" ] [ "a" "z" ] [ "a" ] [ ] ]
