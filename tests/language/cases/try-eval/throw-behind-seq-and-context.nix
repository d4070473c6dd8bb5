builtins.tryEval (builtins.addErrorContext "c" (builtins.seq 1 (throw "a")))
