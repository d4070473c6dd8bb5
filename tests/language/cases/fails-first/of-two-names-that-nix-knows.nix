{ x = throw "x"; self = throw "self"; type = throw "type"; value = throw "value"; }
