{ a = null; }.a.b or "dflt"
