builtins.path { path = ../files/tree; nmae = "x"; }
