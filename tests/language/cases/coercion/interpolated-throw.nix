"${throw "x"}"
