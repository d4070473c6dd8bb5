[ (baseNameOf ~/a/..) (~/a/../b == ~/b) (~/a/../${"b"} == ~/b) ]
