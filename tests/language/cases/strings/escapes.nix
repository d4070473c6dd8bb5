"tab\there newline\nhere return\rhere quote\" backslash\\ dollar\$ other\q brace\{"
