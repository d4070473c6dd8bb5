let packages = 1; in pakages
