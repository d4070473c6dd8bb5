builtins.appendContext "x" { ${builtins.unsafeDiscardStringContext "${../files/script.sh}"} = { outputs = [ "out" ]; }; }
