builtins.functionArgs ((a: { b, c ? 2 }: 1) 1)
