builtins.unsafeGetAttrPos "a" (builtins.mapAttrs (name: value: value) { a = 1; })
