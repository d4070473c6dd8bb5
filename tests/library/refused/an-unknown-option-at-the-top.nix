{ enviroment.etc.x.text = "x"; }
