{ enable = true; package = 1; }.enabel
