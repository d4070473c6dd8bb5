builtins.traceVerbose "noise" 6
