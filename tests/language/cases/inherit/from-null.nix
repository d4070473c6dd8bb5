{ inherit (null) a; }
