builtins.convertHash null
