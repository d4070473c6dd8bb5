let s = { double = x: x * 2; }; inherit (s) double; in map double [ 1 2 ]
