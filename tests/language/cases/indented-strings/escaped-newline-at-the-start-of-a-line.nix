''
  a
  ''\nb
    c
''
