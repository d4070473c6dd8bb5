builtins.getContext (builtins.storePath "${../files/tree}/a.txt")
