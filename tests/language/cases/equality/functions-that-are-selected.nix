let
  set = { f = a: a; };
  selected = set: [ (set ? f) ([ set.f ] == [ set.f ]) ({ inherit (set) f; } == { inherit (set) f; }) ];
  together = a: b: [ a ] == [ b ];
in
[
  (selected set)
  ((set: together set.f set.f) set)
  (let inherit (set) f; in [ f ] == [ f ])
  ([ builtins.head ] == [ builtins.head ])
  ({ inherit (builtins) head; } == { inherit (builtins) head; })
  ([ map ] == [ map ])
]
