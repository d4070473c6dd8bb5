rec {a=1; inherit (b) c; b={c=a;};}
