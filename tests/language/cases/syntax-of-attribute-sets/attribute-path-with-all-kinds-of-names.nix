let n = "c"; in { a."b".${n}."d${n}".e = 1; }
