(derivation { name = "source"; builder = ../files/script.sh; system = "x86_64-linux"; args = [ ../files/tree ]; }).drvPath
