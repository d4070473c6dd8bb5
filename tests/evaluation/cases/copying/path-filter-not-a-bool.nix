builtins.path { path = ../files/tree; filter = _: _: 1; }
