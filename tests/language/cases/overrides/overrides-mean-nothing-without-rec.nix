let b = "outer"; in { a = b; b = "old"; __overrides = { b = "new"; }; }
