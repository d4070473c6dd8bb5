[ (true && true) (true && false) (false || true) (false || false) (!true) (!false) (true -> false) (false -> false) (true -> true) ]
