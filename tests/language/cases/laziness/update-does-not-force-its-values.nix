builtins.attrNames ({ a = throw "no"; } // { b = throw "nor this"; })
