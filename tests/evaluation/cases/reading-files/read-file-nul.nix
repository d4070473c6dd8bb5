builtins.readFile ../files/nul.bin
