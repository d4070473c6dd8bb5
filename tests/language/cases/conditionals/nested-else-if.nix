let f = x: if x < 0 then "negative" else if x == 0 then "zero" else "positive"; in map f [ (-1) 0 1 ]
