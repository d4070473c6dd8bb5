builtins.path { path = ../files/tree; recursive = false; }
