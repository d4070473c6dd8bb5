let a = derivation { name = "a"; builder = "/bin/sh"; system = "x86_64-linux"; outputs = [ "out" "dev" ]; };
in map builtins.getContext [ "${a}" "${a.dev}${a}" a.drvPath "${a.drvPath}${a.dev}" "${../files/script.sh}" "plain" (builtins.unsafeDiscardOutputDependency a.drvPath) ]
