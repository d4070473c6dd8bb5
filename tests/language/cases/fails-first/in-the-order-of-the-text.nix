{ bread10 = throw "bread10"; apple10 = throw "apple10"; }
