let s = "a"; in s == "a" && s != "b" && "a" == s
