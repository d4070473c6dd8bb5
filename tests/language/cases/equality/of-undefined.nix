undefined == 1
