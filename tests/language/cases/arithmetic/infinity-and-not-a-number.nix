let inf = 1.0e308 * 10; nan = inf - inf; in [ inf (-inf) nan (toString inf) (toString nan) (builtins.toJSON [ inf nan ]) (nan == nan) (nan < 1) (builtins.toXML nan) ]
