map (c: builtins.match "[[:${c}:]]+" "aB1 _") [ "alpha" "digit" "alnum" "graph" "print" "punct" "space" "upper" "lower" "xdigit" "blank" "cntrl" ]
