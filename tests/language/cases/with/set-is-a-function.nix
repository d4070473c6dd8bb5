with (x: x); a
