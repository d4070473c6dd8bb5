map (p: builtins.pathExists (toString ../files + p)) [ "/" "/plain.txt/" "/plain.txt" "/tree/" "/tree/." "/tree-link/" "/link/" "/broken/" "/tree/.." "/nothing/" ]
