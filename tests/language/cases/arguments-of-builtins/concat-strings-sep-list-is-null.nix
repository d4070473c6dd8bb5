builtins.concatStringsSep "," null
