import ./files/broken
