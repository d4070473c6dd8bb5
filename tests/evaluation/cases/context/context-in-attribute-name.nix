{ ${"${../files/script.sh}"} = 1; }
