let a = "outer"; in ({ b ? a, a ? "inner" }: b) { }
