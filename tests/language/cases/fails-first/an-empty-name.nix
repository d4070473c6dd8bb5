{ key = throw "key"; "" = throw "empty"; self = 1; }
