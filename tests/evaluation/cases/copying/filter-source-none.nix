builtins.filterSource (_: _: true) ../files/tree
