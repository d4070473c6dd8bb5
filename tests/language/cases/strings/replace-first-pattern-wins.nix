builtins.replaceStrings [ "a" "ab" "" ] [ "1" "2" "3" ] "abc"
