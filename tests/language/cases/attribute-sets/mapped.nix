[ (builtins.mapAttrs (n: v: n + toString v) { a = 1; b = 2; }) (builtins.attrNames (builtins.mapAttrs (throw "x") { a = 1; })) (builtins.mapAttrs (throw "x") { }) ]
