(throw "a") 2
