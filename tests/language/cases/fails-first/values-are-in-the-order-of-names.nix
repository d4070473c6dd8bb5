builtins.attrValues { bread23 = throw "bread23"; apple23 = throw "apple23"; }
