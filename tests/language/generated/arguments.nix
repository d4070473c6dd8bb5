{ a, b ? a + 1, c ? d, d ? 2, ... }@args: (rest: [ a b c d args rest ])
