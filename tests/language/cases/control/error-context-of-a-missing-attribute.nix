builtins.addErrorContext "ctx" ({}.a)
