builtins.mapAttrs (n: v: v) null
