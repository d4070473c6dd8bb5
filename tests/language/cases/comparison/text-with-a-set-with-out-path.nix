"a" < { outPath = "b"; }
