[ (builtins.getAttr "a" { a = 1; }) (builtins.hasAttr "a" { a = throw "x"; }) (builtins.hasAttr "b" { a = 1; }) ]
