toString [ 1 (throw "element") ]
