let a = {inherit (throw "x") b;}; in builtins.attrNames a
