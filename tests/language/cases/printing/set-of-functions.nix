{f = x: x; g = builtins.head; h = builtins.add 1;}
