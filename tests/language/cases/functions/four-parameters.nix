(x: y: z: w: [x y z w]) 1 2 3 4
