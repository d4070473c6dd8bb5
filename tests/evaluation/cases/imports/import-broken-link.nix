import ../files/broken
