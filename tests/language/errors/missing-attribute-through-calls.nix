let
  pick = name: set: set.values.${name};
  both = set: [ (pick "left" set) (pick "rihgt" set) ];
in
both { values = { left = 1; right = 2; }; }
