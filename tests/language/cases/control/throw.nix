throw "something is wrong"
