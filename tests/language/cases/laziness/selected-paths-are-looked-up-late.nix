let
  early = late.a.b;
  late = { a = { b = 1; }; };
  unused = late.x.y.z;
  self = rec {
    p = q.r.s;
    q = { r = { s = p'; }; };
    p' = 2;
  };
  loop = rec {
    v = w.x.y;
    w = { x = { y = 3; z = v; }; };
  };
in
[ early self.p (with late; [ a.b ]) loop.w.x.z (builtins.length [ unused unused.more ]) ]
