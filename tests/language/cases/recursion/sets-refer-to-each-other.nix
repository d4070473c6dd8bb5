let a = {x = b;}; b = {y = a.x.z; z = 5;}; in b.y
