builtins.concatStringsSep { } [ ]
