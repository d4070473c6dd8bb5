builtins.findFile [ { prefix = "x"; path = toString ../files/tree; } { prefix = "x"; path = toString ../files; } ] "x/plain.txt" == ../files/plain.txt
