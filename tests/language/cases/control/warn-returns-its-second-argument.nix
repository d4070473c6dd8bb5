builtins.warn "careful" 5
