{ system-manager.unitTimeout = 0; }
