let d = derivation { name = "a"; system = "x"; builder = "b"; outputs = [ "out" "dev" ]; }; in
map (name: builtins.unsafeGetAttrPos name d.dev) [ "name" "out" "outPath" "outputName" ]
