builtins.path { path = ../files/plain.txt; recursive = 1; }
