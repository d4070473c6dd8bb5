[ (builtins.attrNames { b = throw "x"; a = 1; B = 2; }) (builtins.attrValues { b = 2; a = 1; }) (builtins.attrNames { }) (builtins.attrNames { "ä" = 1; z = 2; "10" = 3; "9" = 4; }) ]
