builtins.storePath null
