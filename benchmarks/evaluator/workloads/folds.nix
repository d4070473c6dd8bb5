# Lists that are made, filtered, mapped and folded.
let
  inherit (builtins) concatMap filter foldl' genList map;
  numbers = genList (n: n) 60000;
  odd = filter (n: n - n / 2 * 2 == 1) numbers;
  pairs = concatMap (n: [ n (n * 3) ]) odd;
  statistics =
    foldl'
      (
        seen: n:
        let
          next = {
            count = seen.count + 1;
            sum = seen.sum + n;
            largest = if n > seen.largest then n else seen.largest;
          };
        in
        builtins.deepSeq next next
      )
      { count = 0; sum = 0; largest = 0; }
      (map (n: n + 1) pairs);
in
statistics
