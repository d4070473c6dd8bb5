builtins.path { path = ../files/tree; name = "t"; filter = _: _: false; }
