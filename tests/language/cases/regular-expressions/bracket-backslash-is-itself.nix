builtins.match "[\\n]+" "\\n"
