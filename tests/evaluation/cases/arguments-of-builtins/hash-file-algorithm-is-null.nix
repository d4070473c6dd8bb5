builtins.hashFile null /none
