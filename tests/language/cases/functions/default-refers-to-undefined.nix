{ a ? undefined }: a
