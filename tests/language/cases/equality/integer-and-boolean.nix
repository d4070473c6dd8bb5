1 == true
