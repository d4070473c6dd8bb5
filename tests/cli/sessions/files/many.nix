builtins.listToAttrs (builtins.genList (n: { name = "n${toString n}"; value = n; }) 25)
