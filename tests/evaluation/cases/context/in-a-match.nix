let s = "${derivation { name = "a"; system = "s"; builder = "b"; }}"; in map (x: builtins.hasContext (builtins.head x)) [ (builtins.match "(.*)" s) (builtins.split "x" s) (builtins.splitVersion s) ]
