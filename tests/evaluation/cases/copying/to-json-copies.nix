builtins.toJSON { p = ../files/plain.txt; }
