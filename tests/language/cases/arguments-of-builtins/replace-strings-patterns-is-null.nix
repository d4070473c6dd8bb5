builtins.replaceStrings null [ "b" ] "a"
