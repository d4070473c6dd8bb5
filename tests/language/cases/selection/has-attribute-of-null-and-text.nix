[ (null ? a) ("a" ? b) ((x: x) ? a) ([ ] ? a) ]
