1 < null
