builtins.length ([ (throw "no") ] ++ [ (throw "nor this") ])
