{ ${null} = 1; ${null} = 2; a = 3; }
