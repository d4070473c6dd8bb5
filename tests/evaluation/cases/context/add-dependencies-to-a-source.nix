builtins.addDrvOutputDependencies "${../files/script.sh}"
