with { map = "mine"; true = 5; }; [ (builtins.typeOf map) true ]
