with [ ]; 1
