builtins.findFile null "a"
