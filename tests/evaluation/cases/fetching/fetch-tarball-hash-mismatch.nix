builtins.fetchTarball { url = "file://${toString ../files/archive.tar.gz}"; sha256 = "0000000000000000000000000000000000000000000000000000000000000000"; }
