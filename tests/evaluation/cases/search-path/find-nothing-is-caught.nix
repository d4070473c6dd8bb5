(builtins.tryEval (builtins.findFile [ ] "a")).success
