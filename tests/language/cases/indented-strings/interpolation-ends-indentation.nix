let x = "v"; in ''
    ${x}
  a
      ${x} b
''
