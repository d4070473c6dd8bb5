builtins.partition (x: true) null
