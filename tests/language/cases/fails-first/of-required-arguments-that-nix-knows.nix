({ bread18, name }: 1) { }
