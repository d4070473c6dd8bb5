({ bread00 ? { apple00 = 1; }.apple00 }: { bread00 = throw "bread00"; apple00 = throw "apple00"; }) { }
