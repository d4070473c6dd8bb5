{ bread02.corn02 = throw "corn02"; apple02 = throw "apple02"; }
