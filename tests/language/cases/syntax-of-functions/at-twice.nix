a@{ b }@: b
