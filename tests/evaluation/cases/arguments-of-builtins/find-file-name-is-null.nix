builtins.findFile [ ] null
