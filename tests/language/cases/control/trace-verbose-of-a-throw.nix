builtins.traceVerbose "x" (throw "value")
