builtins.filter (x: throw "p") [ ]
