builtins.appendContext "x" { ${builtins.unsafeDiscardStringContext "${../files/script.sh}"} = { allOutputs = true; }; }
