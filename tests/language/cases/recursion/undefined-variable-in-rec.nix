rec {a = c;}
