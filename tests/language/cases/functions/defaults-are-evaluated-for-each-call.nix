let f = {x, y ? x}: [x y]; in map f [{x=1;} {x=1;y=2;}]
