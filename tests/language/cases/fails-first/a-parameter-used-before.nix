(bread06: builtins.seq bread06 { apple06 = throw "apple06"; bread06 = throw "bread06"; }) 1
