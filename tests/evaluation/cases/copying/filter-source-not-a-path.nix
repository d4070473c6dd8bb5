builtins.filterSource (_: _: true) 1
