let apple14 = 1; in { bread14 = throw "bread14"; apple14 = 1; } == { apple14 = 2; bread14 = 2; }
