(builtins.tryEval [ (throw "element") ]).value
