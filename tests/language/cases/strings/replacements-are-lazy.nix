builtins.replaceStrings [ "never" "a" ] [ (throw "not needed") "b" ] "aa"
