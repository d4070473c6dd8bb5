builtins.concatLists [ [ 1 ] (throw "list") ]
