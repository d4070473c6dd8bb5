builtins.all (x: x) [ true false (throw "never") ]
