“abc”
