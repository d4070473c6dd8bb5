builtins.path { path = ../files/tree; filter = _: _: throw "filtered"; }
