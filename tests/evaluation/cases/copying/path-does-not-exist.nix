builtins.path { path = ../files/nothing; }
