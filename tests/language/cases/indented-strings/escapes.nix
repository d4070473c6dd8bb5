let x = "v"; in ''
  quotes: ''' dollar: ''$ ''${x} newline: ''\n tab: ''\t return: ''\r backslash: ''\\ other: ''\q
  $${x} $$ $ ' '${x}
''
