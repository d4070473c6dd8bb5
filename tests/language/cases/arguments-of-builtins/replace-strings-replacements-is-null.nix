builtins.replaceStrings [ "a" ] null "a"
