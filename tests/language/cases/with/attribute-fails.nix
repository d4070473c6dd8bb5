with { a = throw "inside"; }; a
