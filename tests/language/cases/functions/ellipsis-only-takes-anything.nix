({ ... }@all: all) { a = 1; }
