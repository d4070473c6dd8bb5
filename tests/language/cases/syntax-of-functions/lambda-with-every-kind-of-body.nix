map (f: f 1) [ (x: y: [ x ] == y) (x: with { a = x; }; a) (x: let y = x; in y) (x: if x == 1 then "one" else "other") (x: assert x == 1; x) (x: { inherit x; }) (x: "${toString x}") ]
