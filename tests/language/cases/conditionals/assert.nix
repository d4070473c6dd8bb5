[ (assert true; 1) (assert 1 < 2; assert true; 2) ]
