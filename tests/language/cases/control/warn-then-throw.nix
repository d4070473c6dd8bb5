builtins.warn "careful" (throw "value")
