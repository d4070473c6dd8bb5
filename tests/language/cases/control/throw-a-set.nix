builtins.throw { }
