let a = throw "used"; in a
