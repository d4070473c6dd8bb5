map builtins.stringLength [ "" "a" "hello" "\n" ]
