import ../files/package-link
