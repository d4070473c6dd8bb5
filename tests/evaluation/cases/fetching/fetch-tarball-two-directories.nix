builtins.fetchTarball "file://${toString ../files/two.tar}"
