builtins.elem 1 [ (throw "element") ]
