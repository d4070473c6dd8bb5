if (false -> 1 / 0 == 0) then "lazy" else "strict"
