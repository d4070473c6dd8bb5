"${{outPath = "x";}}"
