{ environment.variables.X = "a\nb"; }
