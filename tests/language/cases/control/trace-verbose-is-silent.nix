builtins.traceVerbose (throw "not shown") 3
