({a,b?a.c}: b) {a.c=1;}
