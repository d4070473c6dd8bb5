builtins.traceVerbose 1 (throw "a")
