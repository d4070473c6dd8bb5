builtins.getContext (builtins.readFile ../files/plain.txt)
