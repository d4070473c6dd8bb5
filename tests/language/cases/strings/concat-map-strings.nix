builtins.concatStringsSep "" (map (n: "<${toString n}>") [ 1 2 3 ])
