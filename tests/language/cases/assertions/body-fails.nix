assert true; throw "body"
