let apple15 = 1; in { bread15 = throw "bread15"; apple15 = throw "apple15"; } == { inherit apple15; bread15 = 2; }
