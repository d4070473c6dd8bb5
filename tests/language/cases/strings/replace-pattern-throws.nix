builtins.replaceStrings [ (throw "pattern") ] [ "" ] "a"
