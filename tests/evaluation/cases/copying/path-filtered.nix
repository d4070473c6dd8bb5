builtins.path { path = ../files/tree; name = "t"; filter = path: type: type != "regular" || baseNameOf path != "b.txt"; }
