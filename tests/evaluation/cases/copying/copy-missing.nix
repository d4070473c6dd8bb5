"${../files/nothing}"
