"
  a
    b
"
