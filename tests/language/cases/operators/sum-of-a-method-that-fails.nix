{ __toString = _: throw "left"; } + "${throw "right"}"
