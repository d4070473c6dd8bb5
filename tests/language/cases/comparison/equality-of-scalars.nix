[ (1 == 1) (1 == "1") (null == null) (null == false) (true == true) ("a" == "a") ("a" == null) (1 == 1.0) (1.5 == 1.5) ]
