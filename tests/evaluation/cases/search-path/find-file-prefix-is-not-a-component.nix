builtins.findFile [ { prefix = "x"; path = toString ../files; } ] "xy"
