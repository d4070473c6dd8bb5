derivation { name = null; system = "s"; builder = "b"; }
