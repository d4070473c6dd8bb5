let l = [ l ]; in builtins.toJSON l
