# A graph walked with genericClosure.
let
  inherit (builtins) filter genericClosure length;
  remainder = n: d: n - n / d * d;
  graph = genericClosure {
    startSet = [ { key = 1; depth = 0; } ];
    operator = node: map (key: { inherit key; depth = node.depth + 1; }) [
      (remainder (node.key * 2) 20011)
      (remainder (node.key * 3 + 1) 20011)
    ];
  };
  names = genericClosure {
    startSet = map (n: { key = "n${toString n}"; inherit n; }) [ 1 2 3 ];
    operator = node: if node.n > 3000 then [ ] else [ { key = "n${toString (node.n + 3)}"; n = node.n + 3; } ];
  };
in
[ (length graph) (length (filter (node: node.depth > 10) graph)) (length names) ]
