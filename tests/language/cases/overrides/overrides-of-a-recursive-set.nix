let overrides = { b = "new"; }; in rec { a = b; b = "old"; __overrides = overrides; }
