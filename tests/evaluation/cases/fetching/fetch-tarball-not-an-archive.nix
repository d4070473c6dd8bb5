builtins.fetchTarball "file://${toString ../files/plain.txt}"
