let a = throw "not needed"; b = abort "nor this"; in 1
