assert 1 == 2 -> throw "explained"; 1 + "a"
