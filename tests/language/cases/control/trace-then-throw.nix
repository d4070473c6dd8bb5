builtins.trace "about to fail" (throw "failed")
