builtins.toXML { a = x: x; b = { c, d ? 1, ... }@e: 1; c = { x }: 2; d = map; e = map 1; f = x: y: 1; g = (x: y: 1) 1; h = a@{ b }: 1; }
