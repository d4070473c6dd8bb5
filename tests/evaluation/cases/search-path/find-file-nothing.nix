builtins.findFile [ { prefix = "x"; path = toString ../files; } ] "x/nothing"
