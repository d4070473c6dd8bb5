builtins.compareVersions null "2"
