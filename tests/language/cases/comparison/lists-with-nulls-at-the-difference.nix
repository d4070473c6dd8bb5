[ 1 null ] < [ 1 1 ]
