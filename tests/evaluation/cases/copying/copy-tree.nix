"${../files/tree}"
