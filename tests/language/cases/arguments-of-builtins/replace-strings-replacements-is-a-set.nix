builtins.replaceStrings [ "a" ] { } "a"
