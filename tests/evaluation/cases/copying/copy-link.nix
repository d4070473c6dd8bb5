"${../files/link}"
