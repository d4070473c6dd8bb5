assert [ ]; 1
