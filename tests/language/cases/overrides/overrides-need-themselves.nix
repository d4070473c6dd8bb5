rec { a = b; b = 1; __overrides = { c = a; }; }.d
