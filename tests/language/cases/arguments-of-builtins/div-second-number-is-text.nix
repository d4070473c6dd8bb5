builtins.div 1 "1"
