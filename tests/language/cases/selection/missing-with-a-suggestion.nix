let s = { abc = 1; }; in s.abd
