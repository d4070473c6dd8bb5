./a b
