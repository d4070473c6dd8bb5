with builtins; let s = { b = 1; a = 2; "c d" = 3; }; in [ (attrNames s) (attrValues s) (attrNames { }) (attrValues { }) ]
