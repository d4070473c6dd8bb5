builtins.placeholder null
