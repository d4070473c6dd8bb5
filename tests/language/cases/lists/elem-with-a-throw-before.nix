builtins.elem 2 [ (throw "first") 2 ]
