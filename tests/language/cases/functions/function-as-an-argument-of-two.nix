let apply = f: x: f x; in apply (x: y: x - y) 5 3
