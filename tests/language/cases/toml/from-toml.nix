builtins.fromTOML ''
  a = 1
  b = "x"
  c = [1, 2]
  [d]
  e = true
  f = 1.5
  [[g]]
  h = 1
  [[g]]
  h = 2
''
