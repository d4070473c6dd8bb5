/a + null
