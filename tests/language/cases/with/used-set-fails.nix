with throw "x"; a
