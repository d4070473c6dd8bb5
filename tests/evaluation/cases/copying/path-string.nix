builtins.path { path = toString ../files/tree; name = "t"; }
