({ a = throw "not needed"; } // { a = 1; b = throw "nor this"; }).a
