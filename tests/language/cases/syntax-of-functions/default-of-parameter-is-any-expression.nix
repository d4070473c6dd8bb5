({ a ? x: x + 1, b ? if true then 2 else 3, c ? let d = 4; in d, e ? [ ] ++ [ 5 ] }: [ (a 0) b c e ]) { }
