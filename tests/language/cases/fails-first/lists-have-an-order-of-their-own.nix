let apple13 = throw "apple13"; bread13 = throw "bread13"; in [ bread13 apple13 ]
