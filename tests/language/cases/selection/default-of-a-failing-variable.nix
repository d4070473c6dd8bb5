let a = throw "x"; in a.b or 1
