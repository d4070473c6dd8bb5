({ ... }@bread01: { apple01 = throw "apple01"; bread01 = throw "bread01"; }) { }
