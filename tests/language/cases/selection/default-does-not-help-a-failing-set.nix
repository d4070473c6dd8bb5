(throw "no set").a or 1
