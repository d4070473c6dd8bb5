"debug: " + true
