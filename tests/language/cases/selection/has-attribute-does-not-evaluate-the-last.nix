{ a.b = throw "b"; } ? a.b
