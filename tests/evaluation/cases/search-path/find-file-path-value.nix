builtins.findFile [ { prefix = "x"; path = ../files; } ] "x/tree" == ../files/tree
