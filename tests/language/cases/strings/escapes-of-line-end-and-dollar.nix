"a\nb\${c}"
