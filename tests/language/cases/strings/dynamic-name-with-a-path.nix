{ ${/nowhere/at/all} = 1; }
