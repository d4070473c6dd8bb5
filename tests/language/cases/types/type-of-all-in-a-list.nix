map builtins.typeOf [ 1 1.5 true null "a" /a [ ] { } (x: x) map ]
