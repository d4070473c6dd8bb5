a\b
