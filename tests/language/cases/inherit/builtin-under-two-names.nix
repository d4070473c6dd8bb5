let inherit (builtins) length; length2 = length; in length2 [1]
