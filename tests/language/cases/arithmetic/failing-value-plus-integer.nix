(throw "l") + 1
