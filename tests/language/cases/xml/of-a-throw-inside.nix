builtins.toXML { a.b = throw "deep"; }
