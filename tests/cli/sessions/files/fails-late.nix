{ late = throw "late"; }
