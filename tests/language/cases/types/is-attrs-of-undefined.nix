builtins.isAttrs undefined
