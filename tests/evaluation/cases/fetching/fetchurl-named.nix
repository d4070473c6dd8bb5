builtins.fetchurl { url = "file://${toString ../files/plain.txt}"; name = "other"; sha256 = builtins.hashFile "sha256" ../files/plain.txt; }
