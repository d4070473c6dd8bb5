builtins.replaceStrings [ "a" "aa" "b" ] [ "1" "2" "3" ] "aaab"
