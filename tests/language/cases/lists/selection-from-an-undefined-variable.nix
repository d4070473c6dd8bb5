[ a.b ]
