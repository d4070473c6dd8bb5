let a=1;b=[a a];f=x:{y=x;};in{c=b;d=(f a).y;e=if a==1then"x"else"y";}
