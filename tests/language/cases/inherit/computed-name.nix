let n = "a"; in { inherit ({ a = 1; }) ${n}; }
