with { a = throw "inner"; }; a
