let lib = { concat = 1; }; inherit (lib) concta; in concta
