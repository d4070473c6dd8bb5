let apple16 = 1; in rec { bread16 = throw "bread16"; apple16 = throw "apple16"; }
