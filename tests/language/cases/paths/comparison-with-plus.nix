/a + "b" == /ab
