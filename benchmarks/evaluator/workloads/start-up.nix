# Nothing: what starting costs.
1
