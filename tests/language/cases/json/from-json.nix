builtins.fromJSON ''{"a": [1, 2.5, true, null, "x\u00e9\n"], "b": {"c": {}}, "": -3, "e": 1e3}''
