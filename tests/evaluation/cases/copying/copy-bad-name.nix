"${../files + "/bad name.txt"}"
