{ a = 1; beside = ./plain.txt == /. + toString ./plain.txt; }
