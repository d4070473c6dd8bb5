[ "é" __curPos ]
