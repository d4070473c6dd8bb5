{ bread04 = throw "bread04"; name = throw "name"; }
