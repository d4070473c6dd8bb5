''${nothing}''
