let f = { abc }: abc; in f { abd = 1; }
