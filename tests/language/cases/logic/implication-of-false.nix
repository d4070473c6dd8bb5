false -> 1
