let t = builtins.throw; u = t; in u "thrown"
