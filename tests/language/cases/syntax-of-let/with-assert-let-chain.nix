with { a = true; }; assert a; let b = 1; in if a then b else 0
