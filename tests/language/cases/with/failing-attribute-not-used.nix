with { a = throw "inner"; }; 1
