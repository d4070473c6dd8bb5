builtins.findFile [ { prefix = "x"; path = toString ../files; } ] "x/tree/a.txt" == ../files/tree/a.txt
