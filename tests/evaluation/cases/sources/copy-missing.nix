"${./files/nothing}"
