builtins.path { path = ../files/plain.txt; sha256 = 1; }
