{ environment.variables."MY-VAR" = "x"; }
