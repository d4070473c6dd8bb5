"${toString 1}${toString 2}"
