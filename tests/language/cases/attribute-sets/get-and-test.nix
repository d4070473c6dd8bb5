with builtins; let s = { a = 1; }; in [ (getAttr "a" s) (hasAttr "a" s) (hasAttr "b" s) ]
