let x = 1; in with {x=2;}; let y = x; in y
