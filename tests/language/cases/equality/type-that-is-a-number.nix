{ type = 1; outPath = "a"; } == { type = 1; outPath = "a"; }
