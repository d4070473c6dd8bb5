null && true
