builtins.path { path = ../files/tree; filter = p: t: null; }
