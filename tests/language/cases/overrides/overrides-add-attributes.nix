(rec { __overrides = { a = 1; }; b = 2; }).a
