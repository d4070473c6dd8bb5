builtins.replaceStrings [ "a" "b" ] [ "c" (throw "b") ] "aaa"
