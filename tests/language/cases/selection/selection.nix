let s = { a.b.c = 1; "x y" = 2; }; n = "b"; in [ s.a.b.c s."x y" s.a.${n}.c s."a"."${n}".c (s).a.b.c { z = 9; }.z ]
