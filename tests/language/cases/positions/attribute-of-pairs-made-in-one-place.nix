let
  place = name: removeAttrs (builtins.unsafeGetAttrPos name set) [ "file" ];
  set = builtins.listToAttrs (map (name: { inherit name; value = 1; }) (builtins.attrNames { a = 1; bcd = 2; }));
in map place [ "a" "bcd" ]
