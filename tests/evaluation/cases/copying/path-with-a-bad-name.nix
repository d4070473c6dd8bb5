builtins.path { path = ../files/plain.txt; name = "a b"; }
