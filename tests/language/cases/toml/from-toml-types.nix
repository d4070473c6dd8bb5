builtins.fromTOML ''
  s = 'literal \n'
  m = """
  two
  lines"""
  h = 0xff
  o = 0o17
  b = 0b101
  u = 1_000
  f = 6.02e3
  i = { a = 1, b = [ true, false ] }
  "quoted key" = 1
  a.b.c = 2
''
