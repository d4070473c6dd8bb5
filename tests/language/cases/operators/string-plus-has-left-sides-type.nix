[ ("a" + toString 1) (/a + "b") ]
