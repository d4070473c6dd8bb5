[ (builtins.length [ ]) (builtins.length [ 1 (throw "x") ]) (builtins.elemAt [ 1 2 (throw "x") ] 1) (builtins.head [ 1 (throw "x") ]) (builtins.tail [ (throw "x") 2 3 ]) (builtins.tail [ 1 ]) ]
