builtins.getEnv "A=B"
