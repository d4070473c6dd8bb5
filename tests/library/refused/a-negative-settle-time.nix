{ system-manager.settleTime = -1; }
