builtins.readFile (builtins.fetchurl "file://${toString ../files/plain.txt}")
