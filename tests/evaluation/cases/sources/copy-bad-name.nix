"${./files + "/bad name.txt"}"
