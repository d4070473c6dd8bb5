[ (dirOf /.) (dirOf "/") (baseNameOf /.) ]
