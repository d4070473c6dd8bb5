{ x, y ? x + 1 }: x * y
