{
  good = 1;
  bad = {
    worse = [ 1 2 { worst = 1 + "x"; } ];
  };
}
