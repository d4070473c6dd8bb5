builtins.listToAttrs null
