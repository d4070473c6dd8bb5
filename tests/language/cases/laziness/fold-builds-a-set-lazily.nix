let s = builtins.foldl' (acc: n: acc // { ${n} = throw n; }) { } [ "a" "b" ]; in builtins.attrNames s
