''
  a
    b
'' == "a\n  b\n"
