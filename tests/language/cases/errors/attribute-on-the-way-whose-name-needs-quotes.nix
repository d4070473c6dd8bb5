let s = { "a b" = throw "no"; }; in [ s."a b" ]
