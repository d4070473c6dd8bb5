builtins.fetchTarball { url = "file:///none.tar"; depth = 1; }
