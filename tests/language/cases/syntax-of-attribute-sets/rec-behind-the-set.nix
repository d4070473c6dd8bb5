{ a = 1; } rec
