let f = { a }: { b ? a }: [ a b ]; in [ (f { a = 1; } { }) (f { a = 1; } { b = 2; }) ]
