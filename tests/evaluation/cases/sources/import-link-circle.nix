import ./files/circle
