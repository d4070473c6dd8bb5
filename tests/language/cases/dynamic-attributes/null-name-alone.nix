{${null}=1;}
