'a
