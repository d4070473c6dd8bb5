builtins.findFile [ { prefix = "x/y"; path = toString ../files; } ] "x/y" == ../files
