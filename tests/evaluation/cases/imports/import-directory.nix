import ../files/package
