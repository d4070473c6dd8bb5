builtins.fetchTarball null
