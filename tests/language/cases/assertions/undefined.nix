assert undefined; 1
