a@{ a, b }: a
