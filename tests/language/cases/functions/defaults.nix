let f = { a ? 1, b ? a + 1, c ? { }.x or 9 }: [ a b c ]; in [ (f { }) (f { a = 5; }) (f { b = 0; c = 0; }) ]
