let apple03 = 1; in { bread03 = throw "bread03"; apple03 = throw "apple03"; }
