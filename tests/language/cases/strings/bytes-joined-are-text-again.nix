builtins.concatStringsSep "" (map (n: builtins.substring n 1 "äöü") [ 0 1 2 3 4 5 ]) == "äöü"
