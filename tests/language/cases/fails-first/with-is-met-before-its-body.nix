with { apple24 = 1; }; { bread24 = throw "bread24"; apple24 = throw "apple24"; }
