{outPath = "x";} + "y"
