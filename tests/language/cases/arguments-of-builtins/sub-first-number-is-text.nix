builtins.sub "1" 2
