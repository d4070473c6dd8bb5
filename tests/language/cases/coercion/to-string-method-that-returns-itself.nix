"${{__toString = self: self;}}"
