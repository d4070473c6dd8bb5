import ./files/package
