import ./files/package-link
