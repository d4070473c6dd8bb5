builtins.path { path = ../files/tree; }
