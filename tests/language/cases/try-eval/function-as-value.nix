builtins.tryEval ({ a }: a)
