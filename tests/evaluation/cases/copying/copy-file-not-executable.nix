"${../files/plain.txt}"
