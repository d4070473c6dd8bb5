{ inherit (undefined) a; }
