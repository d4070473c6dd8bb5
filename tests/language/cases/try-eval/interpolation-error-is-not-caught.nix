builtins.tryEval "${1}"
