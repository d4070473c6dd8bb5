({ a }: 1) (throw "argument")
