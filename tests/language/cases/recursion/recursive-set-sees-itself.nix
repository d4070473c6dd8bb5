rec { x = y; y = 1; z = { inherit x; }; }
