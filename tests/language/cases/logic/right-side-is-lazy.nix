[ (false && throw "not needed") (true || throw "not needed") (false -> throw "not needed") ]
