{ outPath = "/o"; } // (let s = { outPath = "/p"; me = s; }; in s)
