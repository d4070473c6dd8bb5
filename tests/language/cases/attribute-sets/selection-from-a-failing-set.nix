(throw "no set").a
