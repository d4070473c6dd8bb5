[ (builtins.isString "a") (builtins.isString /a) (builtins.isPath /a) (builtins.isPath "a") (builtins.isAttrs { }) (builtins.isAttrs [ ]) (builtins.isList [ ]) (builtins.isList { }) ]
