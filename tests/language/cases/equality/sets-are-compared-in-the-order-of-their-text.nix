{ oryx = 1; ibex = throw "ibex"; } == { ibex = 2; oryx = 2; }
