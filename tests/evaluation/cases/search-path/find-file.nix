builtins.findFile [ { prefix = "x"; path = toString ../files; } { path = toString ../files/tree; } ] "a.txt" == ../files/tree/a.txt
