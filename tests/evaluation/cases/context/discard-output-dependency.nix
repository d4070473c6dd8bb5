builtins.getContext (builtins.unsafeDiscardOutputDependency (derivation { name = "a"; system = "s"; builder = "b"; }).drvPath)
