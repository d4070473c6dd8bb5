builtins.findFile [ { prefix = "x"; path = toString ../files/tree-link; } ] "x/a.txt" == ../files/tree/a.txt
