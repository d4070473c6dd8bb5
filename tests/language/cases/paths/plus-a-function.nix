/a + (x: x)
