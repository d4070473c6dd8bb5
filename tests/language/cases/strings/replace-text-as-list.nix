builtins.replaceStrings "a" [ ] "a"
