{ ${{ outPath = "a"; }} = 1; }
