builtins.addErrorContext null (throw "value")
