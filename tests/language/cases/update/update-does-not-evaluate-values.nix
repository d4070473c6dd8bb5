({ } // { a = throw "x"; }) ? a
