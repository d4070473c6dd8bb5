map toString [ 1 1.5 true false null "a" [ 1 [ 2 3 ] "x" ] /a/b (-7) 100000.0 [ ] [ [ ] ] ]
