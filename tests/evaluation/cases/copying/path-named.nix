builtins.path { path = ../files/tree; name = "renamed"; }
