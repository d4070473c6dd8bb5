builtins.tryEval (with throw "w"; a)
