let b = n: builtins.substring n 1 "ä"; in [ (b 0 + b 1 == "ä") ("${b 0}${b 1}" == "ä") { "${b 0 + b 1}" = 1; } ((b 0 + "x") == "ä") (b 0 < b 1) ]
