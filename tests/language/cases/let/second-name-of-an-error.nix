let a = throw "lost"; b = a; in b
