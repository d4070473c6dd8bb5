let loop = loop; in builtins.tryEval loop
