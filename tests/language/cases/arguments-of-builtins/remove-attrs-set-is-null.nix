builtins.removeAttrs null [ "a" ]
