builtins.filterSource (_: _: false) ../files/plain.txt
