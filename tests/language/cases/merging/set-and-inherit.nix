{ a = { b = 1; }; inherit ({ a = 1; }) a; }
