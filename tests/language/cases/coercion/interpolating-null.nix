"x ${null}"
