[ (x: x) map (map 1) (builtins.foldl' 1) (builtins.foldl' 1 2) ({ a }: a) (x: y: x) ((x: y: x) 1) ]
