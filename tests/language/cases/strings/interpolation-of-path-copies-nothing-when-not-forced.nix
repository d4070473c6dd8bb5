let unused = "${/does/not/exist}"; in 1
