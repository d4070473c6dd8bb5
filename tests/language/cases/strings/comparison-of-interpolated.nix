let v = "1.2"; in [ ("v${v}" == "v1.2") (builtins.compareVersions v "1.10") ]
