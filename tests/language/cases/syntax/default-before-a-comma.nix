{ a ?, b }: a
