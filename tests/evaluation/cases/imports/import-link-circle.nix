import ../files/circle
