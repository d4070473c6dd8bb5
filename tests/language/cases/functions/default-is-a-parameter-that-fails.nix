({ a, b ? a }: b) { a = throw "lost"; }
