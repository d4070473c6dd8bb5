builtins.typeOf (builtins.toPath /etc)
