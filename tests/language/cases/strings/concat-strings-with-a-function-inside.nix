builtins.concatStringsSep " " [ "a" (x: x) ]
