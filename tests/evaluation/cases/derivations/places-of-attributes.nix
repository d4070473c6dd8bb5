let d = derivation { name = "a"; system = "x"; builder = "b"; outputs = [ "out" "dev" ]; }; in
map (name: builtins.unsafeGetAttrPos name d) [ "all" "dev" "drvAttrs" "drvPath" "out" "outPath" "outputName" "type" ]
