{ a@b }: a
