"a" + throw "b"
