builtins.elemAt [ (throw "x") ] 0
