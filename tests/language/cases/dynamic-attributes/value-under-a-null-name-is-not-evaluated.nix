let k = null; in { ${k} = throw "x"; b = 1; }
