{ inherit ({ bread22 = throw "bread22"; apple22 = throw "apple22"; }) apple22 bread22; }
