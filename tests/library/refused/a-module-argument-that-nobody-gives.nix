{ inputs, ... }: { environment.etc.x.text = inputs.x; }
