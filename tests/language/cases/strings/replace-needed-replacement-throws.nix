builtins.replaceStrings [ "a" ] [ (throw "a") ] "a"
