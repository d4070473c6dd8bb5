# Calls and thunks that wait for one another thousands deep, again and again.
let
  inherit (builtins) elemAt foldl' genList length;
  sum = list: let go = n: if n == length list then 0 else elemAt list n + go (n + 1); in go 0;
  chain = n: foldl' (f: _: x: f x + 1) (x: x) (genList (n: n) n);
  linked = n: foldl' (tail: head: { inherit head tail; }) null (genList (n: n) n);
  count = cell: if cell == null then 0 else 1 + count cell.tail;
  numbers = genList (n: n) 4000;
in
foldl' (total: n: total + sum numbers + chain 1500 n + count (linked 3000)) 0 (genList (n: n) 10)
