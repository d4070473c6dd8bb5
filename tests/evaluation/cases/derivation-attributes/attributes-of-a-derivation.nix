let d = derivation { name = "a"; builder = "b"; system = "s"; outputs = [ "out" "dev" ]; extra = 1; };
in [ (builtins.attrNames d) (builtins.attrNames d.dev) d.type d.drvAttrs (d == d.out) (d.all == [ d.out d.dev ]) ]
