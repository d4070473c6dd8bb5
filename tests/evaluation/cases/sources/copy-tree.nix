"${./files/tree}"
