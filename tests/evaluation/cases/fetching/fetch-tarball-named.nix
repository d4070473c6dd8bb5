builtins.readDir (builtins.fetchTarball { url = "file://${toString ../files/archive.tar.gz}"; name = "other"; })
