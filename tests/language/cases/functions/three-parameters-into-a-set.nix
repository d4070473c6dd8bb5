(a: b: c: { inherit a b c; }) 1 2 3
