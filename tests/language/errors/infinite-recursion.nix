rec {
  a = { inherit b; };
  b = c + 1;
  c = a.b;
}
