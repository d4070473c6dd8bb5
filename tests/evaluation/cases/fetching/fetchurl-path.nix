builtins.fetchurl "file://${toString ../files/plain.txt}"
