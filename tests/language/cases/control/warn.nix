builtins.warn "careful" 4
