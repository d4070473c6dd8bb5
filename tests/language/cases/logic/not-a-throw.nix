!(throw "operand")
