let { body = throw "body"; }
