{ environment.shellAliases."a;b" = "ls"; }
