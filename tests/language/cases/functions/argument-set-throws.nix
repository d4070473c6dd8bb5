({ a ? 1 }: a) (throw "argument")
