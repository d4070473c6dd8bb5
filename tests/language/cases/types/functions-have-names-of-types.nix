map builtins.typeOf [ builtins.add (builtins.add 1) (x: x) ({ }: 1) ]
