map (name: (derivation { inherit name; builder = "b"; system = "s"; }).drvPath) [ "a-b+c.d_e?f=g" "1.2.3" "-dash" "..." ".x" "A" ]
