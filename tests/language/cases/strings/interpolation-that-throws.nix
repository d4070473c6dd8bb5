"a${throw "inside"}b"
