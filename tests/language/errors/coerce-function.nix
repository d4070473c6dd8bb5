"value: ${x: x}"
