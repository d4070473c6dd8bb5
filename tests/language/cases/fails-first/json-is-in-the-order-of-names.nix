builtins.toJSON { bread12 = throw "bread12"; apple12 = throw "apple12"; }
