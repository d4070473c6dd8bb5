builtins.findFile [ "/a" ] "a"
