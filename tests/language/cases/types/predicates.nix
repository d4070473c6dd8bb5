with builtins; map (p: map p [ 1 1.5 true null "a" ./. [ ] { } (x: x) ]) [ isInt isFloat isBool isNull isString isPath isList isAttrs isFunction ]
