assert(true) 1
