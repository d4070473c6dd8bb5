let s = { "a b" = 1; x = 2; }; x = 3; in { inherit (s) "a b"; inherit "x"; inherit ({ y = 1; }) ${"y"}; }
