builtins.path { path = ../files/script.sh; recursive = false; }
