{ a } ? a
