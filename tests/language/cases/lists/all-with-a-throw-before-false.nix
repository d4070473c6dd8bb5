builtins.all (x: x) [ true (throw "now") false ]
