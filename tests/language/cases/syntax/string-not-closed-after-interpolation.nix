"abc ${"x"} def
