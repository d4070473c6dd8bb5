let s = { a = throw "no part"; }; in s.a.b or 1
