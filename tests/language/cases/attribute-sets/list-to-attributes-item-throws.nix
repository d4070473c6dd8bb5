builtins.listToAttrs [ (throw "item") ]
