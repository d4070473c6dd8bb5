"${./files/link}"
