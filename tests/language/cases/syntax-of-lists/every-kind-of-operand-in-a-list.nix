let f = x: x; in [ f 1 1.5 "s" ''i'' ./p /p/q { } rec { } [ ] (f 1) { a = 1; }.a { }.b or 2 let { body = 3; } __curPos.line ]
