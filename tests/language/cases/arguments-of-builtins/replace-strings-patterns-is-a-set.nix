builtins.replaceStrings { } [ "b" ] "a"
