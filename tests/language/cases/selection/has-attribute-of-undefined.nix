undefined ? a
