{ gnu = throw "gnu"; eland = throw "eland"; } == { eland = 1; gnu = 2; }
