builtins.fetchTarball { sha256 = "x"; }
