builtins.match "a|+" "a"
