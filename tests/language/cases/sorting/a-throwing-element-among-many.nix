builtins.sort builtins.lessThan [ 3 (throw "element") 1 ]
