let mapped = builtins.mapAttrs (name: value: value) { abc = 1; };
in map (builtins.unsafeGetAttrPos "abc") [ ({ abc = 2; } // mapped) (mapped // { abc = 2; }) ]
