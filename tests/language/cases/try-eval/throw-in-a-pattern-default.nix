builtins.tryEval (({ a ? throw "d" }: a) { })
