builtins.hashString "" "a"
