let __nixPath = [ { prefix = "p"; path = toString ../files; } ]; in <p/tree> == ../files/tree
