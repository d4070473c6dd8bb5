({ }: 1) null
