builtins.length [ (throw "not needed") (abort "nor this") ]
