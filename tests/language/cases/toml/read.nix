map builtins.fromTOML [ "" "a=1\n[b]\nc=[1,2.5,\"x\"]\n[[d]]\ne=true\n[[d]]\n" "a.b.c='x'" ]
