rec {a={b=a;};}.a.b.b.b ? b
