let f = x: y: x+y; g = f 1; in [(g 1) (g 2) (f 3 4)]
