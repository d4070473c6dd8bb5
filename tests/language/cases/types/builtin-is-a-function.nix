builtins.isFunction builtins.head
