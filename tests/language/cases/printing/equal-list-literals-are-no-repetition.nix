[ [ 3 ] [ 3 ] [ "a" ] [ "a" ] [ [ null ] [ null ] ] ]
