with { x = {y = 3;}; }; let inherit (x) y; in y
