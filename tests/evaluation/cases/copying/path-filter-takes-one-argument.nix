builtins.path { path = ../files/tree; filter = p: true; }
