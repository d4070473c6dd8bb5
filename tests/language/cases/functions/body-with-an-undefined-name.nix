x: y: z
