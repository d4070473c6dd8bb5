({ inherit (throw "source") a; b = 1; }).b
