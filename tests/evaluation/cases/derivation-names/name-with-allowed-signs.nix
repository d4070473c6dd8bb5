(derivation { name = "a+b-c.d_e?f=g"; system = "s"; builder = "b"; }).name
