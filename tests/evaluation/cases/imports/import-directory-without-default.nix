import ../files/tree
