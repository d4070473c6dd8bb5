builtins.path { path = ../files/tree; filter = true; }
