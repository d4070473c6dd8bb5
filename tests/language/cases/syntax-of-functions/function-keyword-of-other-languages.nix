function (x) { x }
