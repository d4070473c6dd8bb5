builtins.concatStringsSep null [ "a" ]
