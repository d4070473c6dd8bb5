let
  line = name: (builtins.unsafeGetAttrPos name set).line;
  set = builtins.listToAttrs [
    { name = "a"; value = 1; }
    { name = "b";
      value = 2; }
  ];
in [ (line "a") (line "b") ]
